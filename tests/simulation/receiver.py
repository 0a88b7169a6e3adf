"""A receiver of events which can be down, slow, or lie; it remembers what came to it, in order."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

MOODS = ("down", "slow", "lies", "refuses", "elsewhere")


class Receiver:
    def __init__(self) -> None:
        self.url = ""
        self.mood = "well"
        self._lock = threading.Lock()
        self._taken: dict[str, list[dict[str, Any]]] = {}
        self.distinct: set[tuple[str, str]] = set()

    def take(self, content: bytes) -> None:
        event = json.loads(content)
        with self._lock:
            seen = self._taken.setdefault(event["job"], [])
            if event["id"] not in {one["id"] for one in seen}:
                seen.append(event)

    def of(self, job: str) -> list[dict[str, Any]]:
        """Events of a job, each where it came first."""
        with self._lock:
            return list(self._taken.get(job, []))


@contextmanager
def receiving() -> Iterator[Receiver]:
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            mood = receiver.mood
            if mood == "down":
                self.close_connection = True
                return  # not a word
            content = self.rfile.read(int(self.headers["content-length"]))
            if mood == "slow":
                time.sleep(1.5)  # longer than the outbox waits; it has taken it all the same
            if mood != "refuses":
                receiver.take(content)
            self.send_response({"well": 204, "slow": 204, "lies": 500, "refuses": 503, "elsewhere": 302}[mood])
            if mood == "elsewhere":
                self.send_header("location", "http://127.0.0.1:1/")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

        def handle(self) -> None:
            try:
                super().handle()
            except OSError:  # the sender lost patience, or was killed
                self.close_connection = True

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        receiver.url = f"http://127.0.0.1:{server.server_address[1]}/hook"
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield receiver
        finally:
            server.shutdown()
