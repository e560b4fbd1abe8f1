"""A server of one test: it answers each request with what a script says, right or wrong."""

import socket
import threading
import time

from wire import REPLY, framed, message, parse, receive_frame


class Peer:
    """`script(connection, requests)` plays each connection, in order of their coming; it gets the socket and a function
    that returns the next request's (kind, sequence, name, payload)."""

    def __init__(self, script):
        self.script = script
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.listener.settimeout(15)
        self.port = self.listener.getsockname()[1]
        self.connections = 0
        self.thread = threading.Thread(target=self._accept, daemon=True)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.thread.join(5)

    def _accept(self):
        while True:
            try:
                sock, _ = self.listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._serve, args=(sock, self.connections), daemon=True).start()

    def _serve(self, sock, number):
        sock.settimeout(10)
        try:
            self.script(sock, number, lambda: parse(receive_frame(sock)))
        except (OSError, EOFError):
            pass  # the client left, as it may
        finally:
            sock.close()


def replies(answer):
    """A script that sends, for every request, what `answer(sequence, name, payload)` returns."""

    def script(sock, _, next_request):
        while True:
            _, sequence, name, payload = next_request()
            sock.sendall(answer(sequence, name, payload))

    return script


def reply(sequence, name, payload, kind=REPLY):
    return framed(message(kind, name, payload, sequence))


def hang(sock, *_):
    """Takes everything, says nothing."""
    while sock.recv(65536):
        pass


def later(seconds, answer):
    def script(sock, _, next_request):
        while True:
            _, sequence, name, payload = next_request()
            time.sleep(seconds)
            sock.sendall(answer(sequence, name, payload))

    return script
