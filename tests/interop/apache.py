"""Apache Thrift's Python library, and the code that its compiler makes of kitchen.thrift."""

import subprocess
import sys
import tempfile
from pathlib import Path

try:
    from thrift.protocol import TCompactProtocol
    from thrift.transport import TSocket, TTransport
except ImportError:
    print("skipped: this Python has no thrift module (Debian: python3-thrift, for /usr/bin/python3)")
    sys.exit(77)

_generated = tempfile.TemporaryDirectory(prefix="weft-kitchen-")
try:
    _idl = Path(__file__).parent / "kitchen.thrift"
    subprocess.run(["thrift", "-nowarn", "-r", "--gen", "py", "-out", _generated.name, _idl], check=True)
except FileNotFoundError:
    print("skipped: there is no thrift compiler (Debian: thrift-compiler)")
    sys.exit(77)
sys.path.insert(0, _generated.name)


class Connection:
    """A client of Apache's: framed, compact. Leaving the `with` block closes it."""

    def __init__(self, service, port, wrap=lambda protocol: protocol):
        socket = TSocket.TSocket("127.0.0.1", port)
        socket.setTimeout(10_000)
        self.transport = TTransport.TFramedTransport(socket)
        self.transport.open()
        self.client = service.Client(wrap(TCompactProtocol.TCompactProtocol(self.transport)))

    def __enter__(self):
        return self.client

    def __exit__(self, *_):
        self.transport.close()
