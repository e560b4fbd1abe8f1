"""TLS as others speak it: Python's ssl and the openssl program against interop-server."""

import contextlib
import os
import resource
import ssl
import subprocess
import sys
import time

from cases import case, run_cases
from certificates import Certificates
from server import Server
from wire import REPLY, call, is_closed, ping, pong, receive, receive_exactly, varint

os.environ.pop("MALLOC_PERTURB_", None)  # memory that the server only reserves must not count
program, certificates = sys.argv[1], Certificates(sys.argv[2])
run_openssl, issue = certificates.run, certificates.issue
_, descriptors = resource.getrlimit(resource.RLIMIT_NOFILE)
resource.setrlimit(resource.RLIMIT_NOFILE, (descriptors, descriptors))
authority = certificates.authority("authority")
certificates.authority("stranger")
certificate = issue("server", "authority")
server = Server(program, "--listen", "127.0.0.1:0", "--certificate", certificate)
strict = Server(program, "--listen", "127.0.0.1:0", "--certificate", certificate, "--client-ca", authority,
                "--tls-required")


def trusting(version=None):
    context = ssl.create_default_context(cafile=authority)
    if version:
        context.minimum_version = context.maximum_version = version
    return context


def secure(to=server, context=None, name="localhost", **more):
    return (context or trusting()).wrap_socket(to.connect(), server_hostname=name, **more)


def expect_pong(sock, word="on", sequence=7):
    sock.sendall(ping(word, sequence))
    assert receive(sock) == (REPLY, sequence, "ping", pong(word))


@case("Python's ssl, in TLS 1.2 and 1.3, by name and by number")
def _():
    for version, said in (ssl.TLSVersion.TLSv1_2, "TLSv1.2"), (ssl.TLSVersion.TLSv1_3, "TLSv1.3"):
        for name in "localhost", "127.0.0.1":
            with secure(context=trusting(version), name=name) as sock:
                assert sock.version() == said
                for word in "one", "two":
                    expect_pong(sock, word)


@case("plain connections beside those")
def _():
    with server.connect() as plain, secure() as sock:
        expect_pong(plain)
        expect_pong(sock)


@case("15 MB over TLS, whole")
def _():
    with secure() as sock:
        size = 15_000_000
        sock.sendall(call("make_blob", b"\x15" + varint(size << 1) + b"\0"))
        kind, _, _, payload = receive(sock)
        assert kind == REPLY and payload.count(b"\x5a") >= size


@case("requests that are written byte by byte, each in a record of its own")
def _():
    with secure() as sock:
        for byte in ping("slowly", 3):
            sock.sendall(bytes([byte]))
        assert receive(sock) == (REPLY, 3, "ping", pong("slowly"))


@case("a session is resumed")
def _():
    for version in ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3:
        context = trusting(version)
        with secure(context=context) as sock:
            expect_pong(sock)
            session = sock.session
        with secure(context=context, session=session) as sock:
            expect_pong(sock)
            assert sock.session_reused


@case("both sides say that they close")
def _():
    with secure() as sock:
        expect_pong(sock)
        sock.unwrap().close()  # sends close_notify, and fails unless one comes back


@case("a client without a certificate, and one of a stranger, get no answer where one is required")
def _():
    for client in None, issue("imposter", "stranger"):
        context = trusting()
        if client:
            context.load_cert_chain(client)
        try:
            with secure(strict, context) as sock:
                expect_pong(sock)
        except (ssl.SSLError, EOFError, ConnectionResetError, BrokenPipeError):
            continue
        raise AssertionError("it was answered")
    context = trusting()
    context.load_cert_chain(issue("client", "authority", "URI:spiffe://example.org/client"))
    with secure(strict, context) as sock:
        expect_pong(sock)


@case("a plain client of a server that requires TLS hears an alert")
def _():
    with strict.connect() as sock:
        sock.sendall(ping("anybody"))
        assert receive_exactly(sock, 7) == b"\x15\x03\x01\x00\x02\x02\x46"
        assert is_closed(sock)


@case("openssl s_client, which verifies the chain and the host")
def _():
    for more in [], ["-tls1_2"], ["-ciphersuites", "TLS_CHACHA20_POLY1305_SHA256"], ["-groups", "P-384"]:
        done = run_openssl("s_client", "-connect", f"127.0.0.1:{server.port}", "-CAfile", authority,
                           "-verify_return_error", "-verify_hostname", "localhost", "-servername", "localhost",
                           "-quiet", "-no_ign_eof", *more, input=ping("by hand"))
        assert done.returncode == 0


@case("openssl s_client is refused what is forbidden: old versions, ciphers without forward secrecy")
def _():
    for more in ["-tls1_1", "-cipher", "DEFAULT@SECLEVEL=0"], ["-tls1_2", "-cipher", "AES128-GCM-SHA256"]:
        try:
            run_openssl("s_client", "-connect", f"127.0.0.1:{server.port}", "-CAfile", authority, *more, input=b"")
        except subprocess.CalledProcessError:
            continue
        raise AssertionError(f"{more} was accepted")


@case("two thousand handshakes that are not finished cost little, and others are served meanwhile")
def _():
    with secure() as sock:
        expect_pong(sock)
    before = server.memory()
    begun = b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"
    with contextlib.ExitStack() as stalled:
        for _ in range(2000):
            sock = stalled.enter_context(server.connect())
            sock.sendall(begun)
        with secure() as sock:
            expect_pong(sock)
        grown, limit = server.memory() - before, 256 if server.is_sanitized() else 64
        print(f"  {grown:.0f} MB more", flush=True)
        assert grown < limit, f"{grown} MB"
    with secure() as sock:
        expect_pong(sock)


@case("renewed files are used within seconds")
def _():
    fresh = issue("renewed", "authority", "DNS:renewed.example")
    os.replace(fresh, certificate)
    end = time.monotonic() + 20
    while True:
        try:
            with secure(name="renewed.example") as sock:
                return expect_pong(sock)
        except ssl.SSLCertVerificationError:
            assert time.monotonic() < end
            time.sleep(0.1)


with server, strict:
    run_cases()
