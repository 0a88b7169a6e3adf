"""`lipwright serve` in processes of its own, with engines for tests, and a caller of it."""

import json
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self

import httpx

from support.program import command_line

SECONDS_AT_MOST = 90
LISTENS = "Lipwright serves jobs at "
FAKES = {f"LIPWRIGHT_{name}": "fake" for name in ("TTS", "STT", "TRANSLATE", "SEPARATE", "LIPSYNC")}


class Served:
    """A service in a folder; `url` is where it listens."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environment = {
            **os.environ,
            **FAKES,
            "LIPWRIGHT_CACHE_DIR": str(folder / "cache"),
            "LIPWRIGHT_ALLOW_PRIVATE_ADDRESSES": "true",
            "OMP_NUM_THREADS": "1",
            "OPENBLAS_NUM_THREADS": "1",
        }
        self.url = ""

    def start(self) -> None:
        """Begin, and wait until it listens."""
        self.printed: list[str] = []
        with (self.folder / "serve.log").open("ab") as log:
            self.process = subprocess.Popen(
                command_line("serve", "--port", "0"),
                cwd=self.folder,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        out = self.process.stdout
        assert out is not None
        for line in out:
            self.printed.append(line.rstrip())
            if line.startswith(LISTENS):
                self.url = line.removeprefix(LISTENS).split()[0]
                self._listening = threading.Thread(target=self._listen, daemon=True)
                self._listening.start()
                return
        raise AssertionError(self.log())

    def _listen(self) -> None:
        assert self.process.stdout is not None
        with self.process.stdout as out:
            for line in out:
                self.printed.append(line.rstrip())

    def log(self) -> str:
        return (self.folder / "serve.log").read_text(encoding="utf-8")

    def run(self, *arguments: str, token: str = "") -> "subprocess.CompletedProcess[str]":
        """Another command in the folder, which knows where the service is."""
        return subprocess.run(
            command_line(*arguments),
            capture_output=True,
            check=False,
            cwd=self.folder,
            env={**self.environment, "LIPWRIGHT_URL": self.url, "LIPWRIGHT_TOKEN": token},
            stdin=subprocess.DEVNULL,
            text=True,
            timeout=SECONDS_AT_MOST,
        )

    def workers(self) -> list[int]:
        """Processes that the server began."""
        told = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        threads = Path(f"/proc/{self.process.pid}/task").glob("*/children") if told.exists() else []
        return [int(one) for path in threads for one in path.read_text().split()]

    def processes(self) -> list[int]:
        """Everything that runs in the folder."""
        found = []
        for path in Path("/proc").glob("[0-9]*/cwd"):
            with suppress(OSError):
                if path.readlink() == self.folder:
                    found.append(int(path.parent.name))
        return found

    def kill(self) -> None:
        """`kill -9` of the server and its worker, and wait until nothing runs any more."""
        for process in [*self.workers(), self.process.pid]:
            os.kill(process, signal.SIGKILL)
        self.process.wait()
        self._listening.join()
        until(lambda: not self.processes())

    def stop(self) -> int:
        """Ask it to end; its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            code = self.process.wait(SECONDS_AT_MOST)
            self._listening.join()
            return code
        finally:
            for process in self.processes():
                with suppress(ProcessLookupError):
                    os.kill(process, signal.SIGKILL)


def until(reached: Callable[[], object]) -> None:
    """Wait for something outside this process."""
    end_s = time.monotonic() + SECONDS_AT_MOST
    while not reached():
        assert time.monotonic() < end_s, "it does not come"
        time.sleep(0.05)


class Caller:
    """Somebody with a token."""

    def __init__(self, url: str, token: str) -> None:
        self.http = httpx.Client(
            base_url=url, headers={"Authorization": f"Bearer {token}"}, timeout=SECONDS_AT_MOST, trust_env=False
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.http.close()

    def upload(self, path: Path) -> str:
        with path.open("rb") as file:
            return str(self._document(self.http.post("/v1/assets", files={"file": (path.name, file)}))["digest"])

    def post(self, path: str, document: Mapping[str, Any] | None = None) -> Any:
        return self._document(self.http.post(path, json=document))

    def get(self, path: str) -> Any:
        return self._document(self.http.get(path))

    def job(self, job: str) -> Any:
        return self.get(f"/v1/jobs/{job}")

    def text(self, digest: str) -> str:
        answer = self.http.get(f"/v1/assets/{digest}")
        assert answer.is_success, answer.text
        return answer.text

    def events(self, job: str) -> list[dict[str, Any]]:
        return list(self.get(f"/v1/jobs/{job}/events?limit=200")["items"])

    def wait_for(self, job: str, *states: str) -> Any:
        """The job, once it is in one of these states."""
        until(lambda: self.job(job)["state"] in states)
        return self.job(job)

    def wait_for_stage(self, job: str, stage: str) -> None:
        """Until a stage of a job runs."""
        until(lambda: {one["name"]: one["state"] for one in self.job(job)["stages"]}[stage] == "running")

    def _document(self, answer: httpx.Response) -> Any:
        assert answer.is_success, answer.text
        return answer.json()


class Receiver:
    """What takes callbacks."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.received: list[tuple[dict[str, str], bytes]] = []

    def of(self, job: str) -> list[dict[str, Any]]:
        return [event for _, body in self.received if (event := json.loads(body))["job"] == job]


@contextmanager
def receiving() -> Iterator[Receiver]:
    """A server on loopback that takes everything."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            receiver.received.append(({name.lower(): value for name, value in self.headers.items()}, body))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        receiver = Receiver(f"http://127.0.0.1:{server.server_address[1]}/hook")
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield receiver
        finally:
            server.shutdown()
