"""Weft and Apache's C++ library: its client calls interop-server, Weft's client its nonblocking server."""

import subprocess
import sys

import probe_cases
from cases import case, run_cases
from server import Server

weft_server, probe, apache_client, apache_server = sys.argv[1:]


@case("Apache's C++ client calls interop-server")
def _():
    with Server(weft_server, "--listen", "127.0.0.1:0") as server:
        done = subprocess.run([apache_client, str(server.port)], timeout=60, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


@case("Weft's client calls Apache's nonblocking C++ server")
def _():
    with Server(apache_server) as server:
        probe_cases.check(probe, server.port)


@case("Weft's client calls interop-server")
def _():
    with Server(weft_server, "--listen", "127.0.0.1:0") as server:
        probe_cases.check(probe, server.port)


run_cases()
