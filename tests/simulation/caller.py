"""A caller of the service who does not give up, with one job: makes it, cancels it, approves it, wants it again."""

import http.client
import json
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from simulation.schedule import JobPlan

GIVES_UP_S = 60.0
MOST_RETRIES = 5
ASKS_EVERY_S = (0.1, 0.5)
"""At first, and at most while nothing changes."""
FINAL = ("completed", "failed", "cancelled")


@dataclass
class Caller:
    """What a caller knows at the end is what the service is held to."""

    plan: JobPlan
    request: Mapping[str, Any]
    address: Callable[[], str]
    token: str
    begin_s: float
    calm: threading.Event
    edit: str
    """Digest of what it puts in the place of what it approves."""
    id: str = ""
    view: dict[str, Any] = field(default_factory=dict)
    approved: dict[str, dict[str, str]] = field(default_factory=dict)
    """By stage: what it approved, its edits in place."""
    did: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    is_sure: bool = True
    """False: an answer was lost, so it does not know what it has approved."""
    named_retries: int = 0

    def live(self) -> None:
        """Until the job has ended, and nothing more is wanted of it."""
        try:
            self._live()
        except Exception as error:
            self.wrong.append(f"the caller of job {self.plan.number} {self.id} failed: {error!r}")

    def _live(self) -> None:
        plan = self.plan
        self._sleep_until(self.begin_s + plan.at_s)
        _, made = self._call("POST", "/v1/jobs", self.request, key=f"job-{plan.number}")
        self.id = str(made["id"])
        self.did.append("created")
        created_s = time.monotonic()
        cancels_s = None if plan.cancels_after_s is None else created_s + plan.cancels_after_s
        again, retries = plan.again, 0
        end_s = None
        every_s, longest_s = ASKS_EVERY_S
        while True:
            before, self.view = self.view, self._show()
            every_s = min(every_s * 1.3, longest_s) if self.view == before else ASKS_EVERY_S[0]
            state = self.view["state"]
            if self.calm.is_set():
                end_s = end_s or time.monotonic() + GIVES_UP_S
                if time.monotonic() > end_s:
                    self.wrong.append(f"job {self.id} is lost: it is {state} for ever: {json.dumps(self.view)}")
                    return
            if cancels_s is not None and time.monotonic() > cancels_s:
                cancels_s = None
                self._ask("cancel", None)
            elif state == "waiting":
                self._approve()
            elif state == "completed" and again is not None:
                stage, again = again, None
                self._retry(stage)
            elif state == "failed" and self.view["error"]["retryable"] and self.calm.is_set():
                retries += 1
                if retries > MOST_RETRIES:
                    self.wrong.append(f"job {self.id} fails again and again: {self.view['error']}")
                    return
                self._ask("retry", {})
            elif state in FINAL and self.calm.is_set():
                return
            time.sleep(every_s)

    def _approve(self) -> None:
        stage = self.view["waits_for"]
        time.sleep(self.plan.approves_after_s)
        outputs = next(one["outputs"] for one in self.view["stages"] if one["name"] == stage)
        edits = {f"{stage}.json": self.edit} if self.plan.edits else {}
        wish = {"stage": stage, "approved": not self.plan.refuses, "edits": edits}
        if self._ask("approve", wish) == 202 and not self.plan.refuses:
            self.approved[stage] = outputs | edits

    def _retry(self, stage: str) -> None:
        if self._ask("retry", {"stage": stage} if stage else {}) == 202:
            self.named_retries += 1
            self.approved.pop(stage, None)

    def _show(self) -> dict[str, Any]:
        return self._call("GET", f"/v1/jobs/{self.id}")[1]

    def _ask(self, what: str, wish: Mapping[str, Any] | None) -> int:
        status, _ = self._call("POST", f"/v1/jobs/{self.id}/{what}", wish)
        self.did.append(f"{what} {json.dumps(wish)}: {status}")
        if status not in (200, 202, 409):
            self.wrong.append(f"job {self.id}: {self.did[-1]}")
        return status

    def _call(
        self, method: str, path: str, document: Mapping[str, Any] | None = None, key: str = ""
    ) -> tuple[int, dict[str, Any]]:
        """Ask until there is an answer."""
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        if key:
            headers["Idempotency-Key"] = key
        content = None if document is None else json.dumps(document).encode()
        end_s = time.monotonic() + GIVES_UP_S
        while True:
            connection = http.client.HTTPConnection(urlsplit(self.address()).netloc, timeout=45)
            try:
                connection.request(method, path, content, headers)
                answer = connection.getresponse()
                status, said = answer.status, answer.read()
            except (OSError, http.client.HTTPException):
                status, said = 0, b""
                self.is_sure = self.is_sure and method == "GET"
            finally:
                connection.close()
            if status == 500:
                self.wrong.append(f"{method} {path} is answered with 500: {said[:200]!r}")
            if status not in (0, 500, 503):
                return status, json.loads(said)
            if time.monotonic() > end_s:
                raise TimeoutError(f"{method} {path}: no answer, the last one was {status} {said[:200]!r}")
            time.sleep(0.2)

    def _sleep_until(self, at_s: float) -> None:
        time.sleep(max(0.0, at_s - time.monotonic()))
