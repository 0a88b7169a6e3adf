"""Fifty localized clips from a table, as a backend orders them: nothing is lost, made twice or believed unsigned.

    export LIPWRIGHT_URL=http://127.0.0.1:8000 LIPWRIGHT_TOKEN=lw_... LIPWRIGHT_SECRET=whsec_...
    python clips.py clips.csv photo.png https://clips.example.com/hook es,pt-BR

What was told lies in `inbox.db`, the finished clips in `clips/`. It may be killed at any moment and started again.
"""

import hashlib
import json
import os
import sqlite3
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
from standardwebhooks import Webhook
from standardwebhooks.webhooks import WebhookVerificationError

ENDED = {"completed", "failed", "cancelled"}
TRIES = 6
LARGEST_EVENT_BYTES = 1_000_000


class Lipwright:
    """The service, asked patiently: what may succeed later is asked again, with the same key."""

    def __init__(self, url: str, token: str, wait_s: float = 1.0) -> None:
        self._http = httpx.Client(base_url=url, headers={"Authorization": f"Bearer {token}"}, timeout=60)
        self._wait_s = wait_s

    def close(self) -> None:
        """Hang up."""
        self._http.close()

    def ask(self, method: str, path: str, **how: Any) -> httpx.Response:
        """An answer. Raises: httpx.HTTPStatusError: the request is wrong, and stays so."""
        for turn in range(TRIES):
            wait_s = self._wait_s * 2**turn
            try:
                answer = self._http.request(method, path, **how)
            except httpx.TransportError:
                if turn == TRIES - 1:
                    raise
            else:
                if answer.status_code != 429 and answer.status_code < 500:
                    break
                wait_s = float(answer.headers.get("Retry-After", wait_s))
            time.sleep(wait_s)
        if answer.is_error:
            sys.stderr.write(f"{answer.text}\n")  # of a wrong table: each line that is wrong
        return answer.raise_for_status()

    def upload(self, path: Path) -> str:
        """Store a file; returns its digest. The same file again is the same asset."""
        return str(self.ask("POST", "/v1/assets", files={"file": (path.name, path.read_bytes())}).json()["digest"])

    def order(self, table: Path, photo: Path, hook: str, languages: list[str]) -> str:
        """Order a table; returns the batch. The same table again goes on where it was, and repeats what failed."""
        order = {
            "table": self.upload(table),
            "defaults": {"face": self.upload(photo)},
            "translate_to": languages,
            "callback": {"url": hook},
        }
        key = hashlib.sha256(json.dumps(order, sort_keys=True).encode()).hexdigest()
        return str(self.ask("POST", "/v1/batches", json=order, headers={"Idempotency-Key": key}).json()["id"])

    def rows(self, batch: str) -> Iterator[dict[str, Any]]:
        """All rows of a batch, page by page."""
        cursor: str | None = ""
        while cursor is not None:
            asked = {"limit": "200"} | ({"cursor": cursor} if cursor else {})
            page = self.ask("GET", f"/v1/batches/{batch}/rows", params=asked).json()
            yield from page["items"]
            cursor = page["next_cursor"]

    def download(self, digest: str, path: Path) -> None:
        """A file, complete or not at all, and only if it is what its digest says."""
        data = self.ask("GET", f"/v1/assets/{digest}").content
        if hashlib.sha256(data).hexdigest() != digest:
            raise OSError(f"{path}: it came damaged")
        part = path.with_name(f"{path.name}.part")
        part.write_bytes(data)
        part.replace(path)


class Inbox:
    """Events that came, each once, on disk: what is in it is never lost, and never done twice."""

    def __init__(self, path: Path) -> None:
        self._path, self._lock = path, threading.Lock()
        with self._open() as db:
            db.execute("PRAGMA journal_mode=WAL")
            db.execute("CREATE TABLE IF NOT EXISTS event (id TEXT PRIMARY KEY, body TEXT, done INTEGER DEFAULT 0)")

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        with self._lock, closing(sqlite3.connect(self._path, timeout=30)) as db, db:  # on disk behind the block
            yield db

    def put(self, event_id: str, body: str) -> None:
        """Keep an event; one that came before is passed over."""
        with self._open() as db:
            db.execute("INSERT OR IGNORE INTO event (id, body) VALUES (?, ?)", (event_id, body))

    def undone(self) -> list[tuple[str, dict[str, Any]]]:
        """What is still to be worked on."""
        with self._open() as db:
            rows = db.execute("SELECT id, body FROM event WHERE NOT done ORDER BY rowid").fetchall()
        return [(event_id, json.loads(body)) for event_id, body in rows]

    def done(self, event_id: str) -> None:
        """An event was worked on."""
        with self._open() as db:
            db.execute("UPDATE event SET done = 1 WHERE id = ?", (event_id,))


def receiver(inbox: Inbox, secret: str, port: int) -> ThreadingHTTPServer:
    """A server that only checks, keeps and answers. Work is done elsewhere: a slow answer would be sent again."""

    class Hook(BaseHTTPRequestHandler):
        timeout = 15

        def do_POST(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            if not 0 < length <= LARGEST_EVENT_BYTES:
                self._answer(413)
                return
            body = self.rfile.read(length)
            headers = {name.lower(): value for name, value in self.headers.items()}
            try:
                Webhook(secret).verify(body, headers)
            except WebhookVerificationError:
                self._answer(401)  # forged, or older than five minutes
                return
            inbox.put(headers["webhook-id"], body.decode())  # on disk before it is answered
            self._answer(204)

        def _answer(self, status: int) -> None:
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """No line for each event."""

    class Server(ThreadingHTTPServer):
        request_queue_size = 128  # a batch tells much at once

    return Server(("", port), Hook)


class Clips:
    """The clips of one batch, on their way into a folder."""

    def __init__(self, service: Lipwright, inbox: Inbox, folder: Path, batch: str) -> None:
        self._service, self._inbox, self._folder, self._batch = service, inbox, folder, batch
        folder.mkdir(exist_ok=True)

    def work(self) -> None:
        """Do what events ask for. An event tells that something happened; what is true now, the service says."""
        for event_id, event in self._inbox.undone():
            if event["labels"].get("batch") == self._batch and event["type"] == "job.completed":
                self._fetch(event["labels"]["row"], event["outputs"])
            self._inbox.done(event_id)

    def reconcile(self) -> dict[str, str]:
        """Fetch what no event told of; returns the rows that are not made, and why. Callbacks may be lost: ask."""
        missing = {}
        for row in self._service.rows(self._batch):
            if row["state"] == "completed":
                self._fetch(row["name"], row["outputs"])
            else:
                missing[row["name"]] = row["error"]["message"] if row["error"] else row["state"]
        return missing

    def ended(self) -> bool:
        """Whether nothing more will come."""
        return all(row["state"] in ENDED for row in self._service.rows(self._batch))

    def _fetch(self, name: str, outputs: dict[str, str]) -> None:
        path = self._folder / f"{name}.mp4"  # rows have names that are files on every system
        kept = hashlib.sha256(path.read_bytes()).hexdigest() if path.exists() else None
        if kept != outputs["video.mp4"]:
            self._service.download(outputs["video.mp4"], path)


def main(table: str, photo: str, hook: str, languages: str = "") -> int:
    """Order a table, and wait for its clips; 1 when some could not be made."""
    inbox = Inbox(Path("inbox.db"))
    server = receiver(inbox, os.environ["LIPWRIGHT_SECRET"], int(os.environ.get("PORT", "9000")))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with closing(Lipwright(os.environ["LIPWRIGHT_URL"], os.environ["LIPWRIGHT_TOKEN"])) as service:
        return follow(service, inbox, Path(table), Path(photo), hook, [tag for tag in languages.split(",") if tag])


def follow(service: Lipwright, inbox: Inbox, table: Path, photo: Path, hook: str, languages: list[str]) -> int:
    """Order a table, and fetch its clips until nothing more comes."""
    batch = service.order(table, photo, hook, languages)
    clips = Clips(service, inbox, Path("clips"), batch)
    asked_s = time.monotonic()
    while True:
        clips.work()
        if time.monotonic() - asked_s > 60:  # seldom: events are quicker
            asked_s = time.monotonic()
            if clips.ended():
                break
        time.sleep(1)
    missing = clips.reconcile()
    for name, why in missing.items():
        sys.stderr.write(f"{name}: {why}\n")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
