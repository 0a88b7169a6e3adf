"""Health: whether the process lives, and whether it can do its work."""

import asyncio
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import Final, Literal

import sqlalchemy as sa
from fastapi import APIRouter, Request

from lipwright.api.service import Service
from lipwright.contracts.strict import Strict
from lipwright.errors import DatabaseFailed, LipwrightError, StorageFailed
from lipwright.store.tables import token

router = APIRouter(prefix="/health", tags=["health"])

KEPT_S: Final = 5.0
"""So long the last answer is good: anybody may ask, as often as they like."""
PATIENCE_S: Final = 3.0
"""What has not answered after so long is away. Whoever balances loads waits no longer than that either."""


class Health(Strict):
    """All is well."""

    status: Literal["ok"] = "ok"


class Looked:
    """What a look at something said last. One look at a time, in a thread of its own, as one may hang."""

    def __init__(self, look: Callable[[], None], silent: LipwrightError, kept_s: float, patience_s: float) -> None:
        """Look at nothing yet.

        Args:
            look: raises where something is wrong.
            silent: raised where it does not answer.
        """
        self._look, self._silent = look, silent
        self._kept_s, self._patience_s = kept_s, patience_s
        self._last: Future[None] | None = None
        self._begun_s = 0.0

    async def check(self) -> None:
        """Called in one event loop.

        Raises: what the look raised; that it is silent.
        """
        now_s = time.monotonic()
        if self._last is None or (self._last.done() and now_s - self._begun_s > self._kept_s):
            self._last, self._begun_s = Future(), now_s
            threading.Thread(target=self._run, args=(self._last,), name="look", daemon=True).start()
        if self._last.done():
            self._last.result()
            return
        left_s = max(0.0, self._begun_s + self._patience_s - now_s)
        try:
            await asyncio.wait_for(asyncio.shield(asyncio.wrap_future(self._last)), left_s)
        except TimeoutError as exc:
            raise self._silent from exc

    def _run(self, answer: "Future[None]") -> None:
        answer.set_running_or_notify_cancel()  # whoever gives up does not take it away from others
        try:
            self._look()
        except BaseException as exc:  # told to whoever asks
            answer.set_exception(exc)
        else:
            answer.set_result(None)


class Readiness:
    """Whether the service can do its work, as it was some seconds ago."""

    def __init__(self, service: Service, kept_s: float = KEPT_S, patience_s: float = PATIENCE_S) -> None:
        def read_rows() -> None:
            with service.database.read() as c:
                c.execute(sa.select(token.c.id).limit(1)).first()

        no_database = DatabaseFailed(f"the database: no answer in {patience_s:g} s. See that it can be reached.")
        no_storage = StorageFailed(f"the storage: no answer in {patience_s:g} s. See that it can be reached.")
        self._all = (
            Looked(read_rows, no_database, kept_s, patience_s),
            Looked(service.assets.check, no_storage, kept_s, patience_s),
        )

    async def check(self) -> None:
        """Raises: DatabaseFailed, StorageFailed."""
        for found in await asyncio.gather(*(each.check() for each in self._all), return_exceptions=True):
            if found is not None:
                raise found


@router.get("/live")
async def live() -> Health:
    """Say that the process lives. Nothing else is asked."""
    return Health()


@router.get("/ready")
async def ready(request: Request) -> Health:
    """Say that the database answers, and that the storage does and has room. An answer is some seconds old.

    Raises: DatabaseFailed, StorageFailed.
    """
    await request.app.state.readiness.check()
    return Health()
