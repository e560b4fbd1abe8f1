"""gRPC over TLS: Debian's grpcio against interop-server, and grpc-probe against a server of grpcio's."""

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import grpc

from cases import case, run_cases
from certificates import Certificates
from server import Server

program, probe, certificates = sys.argv[1], sys.argv[2], Certificates(sys.argv[3])
SERVICE = "/grpc.testing.TestService/"
authority = certificates.authority("authority")
certificate = certificates.issue("server", "authority")
client = certificates.issue("client", "authority", "URI:spiffe://example.org/client")
server = Server(program, "--listen", "127.0.0.1:0", "--certificate", certificate)
strict = Server(program, "--listen", "127.0.0.1:0", "--certificate", certificate, "--client-ca", authority,
                "--tls-required")


def content(path):
    with open(path, "rb") as file:
        return file.read()


def secure(port, own=None):
    pair = {"private_key": content(own), "certificate_chain": content(own)} if own else {}
    return grpc.secure_channel(f"localhost:{port}", grpc.ssl_channel_credentials(content(authority), **pair))


def empty_call(channel):
    return channel.unary_unary(SERVICE + "EmptyCall")(b"", timeout=20)


def run_probe(port, *words, trusted=authority):
    done = subprocess.run([probe, f"--target=grpcs://localhost:{port}", "--timeout_ms=20000", *words],
                          capture_output=True, text=True, timeout=60, env={**os.environ, "SSL_CERT_FILE": trusted})
    return [json.loads(line) for line in done.stdout.splitlines()]


@case("grpcio calls over TLS, and without it on the same port")
def _():
    with secure(server.port) as channel:
        for _ in range(3):
            assert empty_call(channel) == b""
    with grpc.insecure_channel(f"localhost:{server.port}") as channel:
        assert empty_call(channel) == b""


@case("grpcio is let in with a certificate, and refused without")
def _():
    with secure(strict.port, client) as channel:
        assert empty_call(channel) == b""
    with secure(strict.port) as channel:
        try:
            empty_call(channel)
        except grpc.RpcError as error:
            assert error.code() in (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED), error.code()
        else:
            raise AssertionError("it was answered")


@case("a Weft channel calls itself over TLS: small and large")
def _():
    for line in run_probe(server.port, "--call=unary", "--count=3", "--request_size=1000000",
                          "--response_size=1000000"):
        assert line["code"] == 0 and line["bytes"] == 1000000, line


@case("a Weft channel calls a server of grpcio's over TLS, and refuses one that it does not trust")
def _():
    other = grpc.server(ThreadPoolExecutor(2))
    other.add_generic_rpc_handlers([grpc.method_handlers_generic_handler("grpc.testing.TestService", {
        "EmptyCall": grpc.unary_unary_rpc_method_handler(lambda request, context: b"")})])
    pair = (content(certificate), content(certificate))
    port = other.add_secure_port("localhost:0", grpc.ssl_server_credentials([pair]))
    other.start()
    try:
        lines = run_probe(port, "--call=empty", "--count=3")
        assert [line["code"] for line in lines] == [0, 0, 0], lines
        (line,) = run_probe(port, "--call=empty", trusted=client)
        assert line["code"] == 14 and "certificate" in line["message"], line
    finally:
        other.stop(None)


with server, strict:
    run_cases()
