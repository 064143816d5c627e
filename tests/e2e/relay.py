"""A port that stays while the server behind it comes, goes and moves."""

import socket
import threading
from contextlib import suppress
from typing import Self
from urllib.parse import urlsplit, urlunsplit


class Relay:
    """Forwards TCP to `target`; with no target every connection is cut and refused, as by a stopped server."""

    def __init__(self, target: int | None) -> None:
        self.target = target
        self._open: set[socket.socket] = set()
        self._door = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port: int = self._door.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def url(self, url: str) -> str:
        """Return a server's URL with this relay's port."""
        parts = urlsplit(url)
        before = parts.netloc.rpartition("@")[0]
        return urlunsplit(parts._replace(netloc=f"{before}@127.0.0.1:{self.port}"))

    def turn(self, target: int | None) -> None:
        """Forward to another port from now on, or to none; what is open is cut."""
        self.target = target
        for one in list(self._open):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._door.accept()
                threading.Thread(target=self._carry, args=(near,), daemon=True).start()

    def _carry(self, near: socket.socket) -> None:
        with near, suppress(OSError):
            if self.target is None:
                return
            with socket.create_connection(("127.0.0.1", self.target)) as far:
                self._open |= {near, far}
                back = threading.Thread(target=_pump, args=(far, near), daemon=True)
                back.start()
                _pump(near, far)
                back.join()
                self._open -= {near, far}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.turn(None)
        self._door.close()


def _pump(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data)
    with suppress(OSError):
        sink.shutdown(socket.SHUT_RDWR)


def port_of(url: str) -> int:
    port = urlsplit(url).port
    assert port is not None
    return port
