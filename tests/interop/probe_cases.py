"""What thrift-probe says of a server that does everything right."""

import subprocess

EXPECTED = {
    "ping": "OK pong:hello",
    "add": "OK 4611686018427387909",
    "nothing": "OK",
    "throw0": "OK 7",
    "throw1": "ERR declared NotFound",
    "throw2": "ERR declared Denied",
    "throw3": "ERR declared Trouble",
    "throw4": "ERR application ",
    "voidthrow": "ERR declared NotFound",
    "blob": "OK 5242880",
    "every": "OK same",
    "nest": "OK same",
    "pick": "OK same",
    "oneway": "OK 10",
    "many": "OK 100",
    "twice": "OK pong:first; OK pong:second",
    "afterthrow": "ERR declared NotFound; OK pong:second",
    "pair": "OK pong:a; OK pong:b",
}


def check(probe, port, but=()):
    """Runs all cases; `but` are those that this peer cannot do."""
    wrong = []
    for name, expected in EXPECTED.items():
        if name in but:
            continue
        arguments = ["--host", "127.0.0.1", "--port", str(port), "--transport", "framed", "--timeout-ms", "5000"]
        line = subprocess.run([probe, *arguments, name], capture_output=True, text=True, timeout=30).stdout.strip()
        if line != expected and not (name == "throw4" and line.startswith(expected)):
            wrong.append(f"{name}: {line!r}, not {expected!r}")
    assert not wrong, "\n  ".join(wrong)
