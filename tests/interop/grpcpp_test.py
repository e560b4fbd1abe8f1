"""grpc++ calls interop-server, and interop-client calls grpc++; h2load and nghttp, where they are, load interop-server."""

import os
import re
import shutil
import subprocess
import sys
import tempfile

from cases import case, run_cases
from server import Server

weft_program, client, cpp_client, cpp_server = sys.argv[1:5]
CASES = ("empty_unary large_unary server_compressed_unary client_streaming server_streaming ping_pong empty_stream "
         "status_code_and_message special_status_message unimplemented_method unimplemented_service cancel_after_begin "
         "cancel_after_first_response timeout_on_sleeping_server custom_metadata rpc_soak").split()

weft = Server(weft_program, "--listen", "127.0.0.1:0")
cpp = subprocess.Popen([cpp_server], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
cpp_port = int(cpp.stdout.readline().rsplit(":", 1)[1])


@case("grpc++ calls Weft")
def _():
    done = subprocess.run([cpp_client], env={**os.environ, "WEFT_INTEROP_SERVER": f"127.0.0.1:{weft.port}"},
                          capture_output=True, text=True, timeout=150)
    assert done.returncode == 0, done.stdout


def run(name):
    done = subprocess.run([client, "--server_host=127.0.0.1", f"--server_port={cpp_port}", f"--test_case={name}"],
                          capture_output=True, text=True, timeout=90)
    assert done.returncode == 0, f"exit status {done.returncode}: {done.stderr}"


for name in CASES:
    case(f"{name}, served by grpc++")(lambda name=name: run(name))


def http2(program, *options):
    with tempfile.NamedTemporaryFile() as body:
        body.write(bytes(5))  # one empty message
        body.flush()
        return subprocess.run(
            [program, *options, "-d", body.name, "-H", "content-type: application/grpc", "-H", "te: trailers",
             f"http://127.0.0.1:{weft.port}/grpc.testing.TestService/EmptyCall"],
            capture_output=True, text=True, timeout=90, check=True).stdout


if shutil.which("h2load"):
    @case("h2load's calls all succeed")
    def _():
        for windows in ([], ["-w", "10", "-W", "10"]):
            out = http2("h2load", "-n", "5000", "-c", "10", "-m", "32", *windows)
            assert "5000 succeeded, 0 failed, 0 errored" in out, out

if shutil.which("nghttp"):
    @case("nghttp sees headers, a message and trailers")
    def _():
        out = http2("nghttp", "-v", "-n")
        out = re.sub(r"\x1b\[[0-9;]*m", "", out)
        for expected in (":status: 200", "content-type: application/grpc", "grpc-status: 0"):
            assert expected in out, out

try:
    run_cases()
finally:
    cpp.stdin.close()
    cpp.wait(20)
    with weft:
        pass
