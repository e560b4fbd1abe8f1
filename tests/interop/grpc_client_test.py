"""interop-client and grpc-probe call interop-server and a server of Debian's grpcio."""

import concurrent.futures
import json
import subprocess
import sys

import grpc

from cases import case, run_cases
from grpc_python import TestService
from server import Server

client, probe, server_program = sys.argv[1:4]
CASES = ("empty_unary large_unary client_streaming server_streaming ping_pong empty_stream status_code_and_message "
         "special_status_message unimplemented_method unimplemented_service cancel_after_begin "
         "cancel_after_first_response timeout_on_sleeping_server custom_metadata rpc_soak channel_soak").split()
COMPRESSED = ("client_compressed_unary server_compressed_unary client_compressed_streaming "
              "server_compressed_streaming").split()

weft = Server(server_program, "--listen", "127.0.0.1:0")
python = grpc.server(concurrent.futures.ThreadPoolExecutor(8))
python.add_generic_rpc_handlers((TestService().handlers(),))
python_port = python.add_insecure_port("127.0.0.1:0")
python.start()


def run(name, port):
    done = subprocess.run([client, "--server_host=127.0.0.1", f"--server_port={port}", f"--test_case={name}"],
                          capture_output=True, text=True, timeout=90)
    assert done.returncode == 0, f"exit status {done.returncode}: {done.stderr}"


for name in CASES + COMPRESSED:
    case(f"{name}, served by Weft")(lambda name=name: run(name, weft.port))
for name in CASES:  # grpcio does not say how a message came
    case(f"{name}, served by grpcio")(lambda name=name: run(name, python_port))


def probed(port, *options):
    done = subprocess.run([probe, f"--target=127.0.0.1:{port}", *options], capture_output=True, text=True, timeout=60,
                          check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


@case("the probe says of each call how it ended")
def _():
    for port in weft.port, python_port:
        for call, bytes_ in (("empty", 0), ("unary", 1000), ("server_stream", 1000)):
            lines = probed(port, f"--call={call}", "--count=3", "--response_size=1000", "--request_size=10")
            assert [(line["code"], line["bytes"]) for line in lines] == [(0, bytes_)] * 3, lines
        lines = probed(port, "--call=client_stream", "--messages=4", "--request_size=50", "--count=5", "--parallel=1")
        assert [line["bytes"] for line in lines] == [200] * 5, lines


@case("the probe's calls fail where nobody listens, each by itself")
def _():
    lines = probed(1, "--call=unary", "--count=2", "--timeout_ms=2000")
    assert [line["code"] for line in lines] == [14, 14], lines


def end():
    python.stop(None)
    with weft:
        pass


try:
    run_cases()
finally:
    end()
