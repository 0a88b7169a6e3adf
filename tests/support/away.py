"""A Postgres server that can be away: its clients come through a proxy on loopback that hangs up on all of them."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import sqlalchemy as sa


class Proxy:
    """Between clients and the server's socket."""

    def __init__(self, url: str) -> None:
        """
        Args:
            url: of a database, whose server listens to a socket in a folder.
        """
        parsed = sa.make_url(url)
        self._server = str(Path(str(parsed.query["host"])) / ".s.PGSQL.5432")
        self._listening = socket.create_server(("127.0.0.1", 0))
        port = self._listening.getsockname()[1]
        self.url = parsed.set(query={}, host="127.0.0.1", port=port).render_as_string(hide_password=False)
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._is_away = False
        threading.Thread(target=self._accept, daemon=True).start()

    def go(self) -> None:
        """Hang up on everybody, and on whoever comes."""
        with self._lock:
            self._is_away = True
            for one in self._open:
                with suppress(OSError):
                    one.shutdown(socket.SHUT_RDWR)

    def come_back(self) -> None:
        with self._lock:
            self._is_away = False

    def close(self) -> None:
        self.go()
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listening.accept()
            except OSError:
                return
            with self._lock:
                if self._is_away:
                    client.close()
                    continue
                server = socket.socket(socket.AF_UNIX)
                server.connect(self._server)
                self._open |= {client, server}
            for one, other in ((client, server), (server, client)):
                threading.Thread(target=self._pump, args=(one, other), daemon=True).start()

    def _pump(self, one: socket.socket, other: socket.socket) -> None:
        with suppress(OSError):
            while chunk := one.recv(65_536):
                other.sendall(chunk)
        with self._lock:
            self._open -= {one, other}
            for each in (one, other):
                with suppress(OSError):
                    each.shutdown(socket.SHUT_RDWR)
        one.close()


@contextmanager
def proxied(url: str) -> Iterator[Proxy]:
    proxy = Proxy(url)
    try:
        yield proxy
    finally:
        proxy.close()
