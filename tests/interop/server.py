"""A server program under test: started on a port of its choice, watched, and asked to end by SIGTERM."""

import select
import socket
import subprocess
import time


class Server:
    """Runs `command`, which prints "READY HOST:PORT". Leaving the `with` block ends it; that must go well."""

    def __init__(self, *command, patience=20):
        self.patience = patience
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        ready = select.select([self.process.stdout], [], [], patience)[0]
        line = self.process.stdout.readline() if ready else ""
        if not line.startswith("READY "):
            self.process.kill()
            raise RuntimeError(f"the server said {line!r} instead of READY")
        self.port = int(line.rsplit(":", 1)[1])

    def __enter__(self):
        return self

    def __exit__(self, failure, *_):
        try:
            status = self.stop()
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            status = "none: it did not end"
        self.process.stdout.close()
        if failure in (None, SystemExit):  # the latter is how run_cases() ends
            assert status == 0, f"the server's exit status is {status}"

    def stop(self):
        self.process.terminate()
        return self.process.wait(self.patience)

    def connect(self, timeout=10, receive_buffer=None):
        sock = socket.socket()
        sock.settimeout(timeout)
        if receive_buffer:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        sock.connect(("127.0.0.1", self.port))
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return sock

    def is_sanitized(self):
        """Whether the address sanitizer is in it, which takes several times the memory."""
        with open(self.process.args[0], "rb") as program:
            return b"__asan_init" in program.read()

    def memory(self):
        """Its resident memory in MB."""
        with open(f"/proc/{self.process.pid}/status") as status:
            return next(int(line.split()[1]) for line in status if line.startswith("VmRSS")) / 1024

    def memory_peak(self, seconds):
        """The most memory that it took during that time, in MB."""
        end, peak = time.monotonic() + seconds, 0
        while time.monotonic() < end:
            peak = max(peak, self.memory())
            time.sleep(0.05)
        return peak
