"""Authorities and certificates for a test, by the openssl program, in a folder that goes with the process."""

import pathlib
import subprocess
import tempfile


class Certificates:
    def __init__(self, openssl):
        self.openssl = openssl
        self.folder = tempfile.TemporaryDirectory()
        self.place = pathlib.Path(self.folder.name)

    def run(self, *words, **more):
        return subprocess.run([self.openssl, *map(str, words)], check=True, capture_output=True, timeout=60, **more)

    def authority(self, name):
        """Its certificate's file."""
        key, file = self.place / f"{name}.key", self.place / f"{name}.pem"
        self.run("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
                 "-subj", f"/CN={name}", "-keyout", key, "-out", file)
        return str(file)

    def issue(self, name, authority, names="DNS:localhost,IP:127.0.0.1"):
        """A certificate and its key, in one file."""
        key, request, both = (self.place / f"{name}.{end}" for end in ("key", "csr", "pem"))
        extensions = self.place / "extensions"
        extensions.write_text(f"subjectAltName={names}\n")
        self.run("req", "-newkey", "rsa:2048", "-nodes", "-subj", f"/CN={name}", "-keyout", key, "-out", request)
        self.run("x509", "-req", "-in", request, "-CA", self.place / f"{authority}.pem",
                 "-CAkey", self.place / f"{authority}.key", "-CAcreateserial", "-days", "2",
                 "-extfile", extensions, "-out", both)
        both.write_bytes(both.read_bytes() + key.read_bytes())
        return str(both)
