"""npm's @grpc/grpc-js calls interop-server, and interop-client calls a server of it."""

import subprocess
import sys

from cases import case, run_cases
from server import Server

node, script, server_program, client = sys.argv[1:5]
CASES = ("empty_unary large_unary client_streaming server_streaming ping_pong empty_stream status_code_and_message "
         "special_status_message unimplemented_method unimplemented_service cancel_after_begin "
         "cancel_after_first_response timeout_on_sleeping_server custom_metadata").split()


def run(*command):
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr


with Server(server_program, "--listen", "127.0.0.1:0") as weft, Server(node, script, "serve") as js:
    for compression, name in enumerate(("plain", "deflate", "gzip")):
        case(f"seven cases of grpc-js's client, {name}")(
            lambda compression=compression: run(node, script, "call", str(weft.port), str(compression)))
    for name in CASES:
        case(f"{name}, served by grpc-js")(
            lambda name=name: run(client, "--server_host=127.0.0.1", f"--server_port={js.port}", f"--test_case={name}"))
    run_cases()
