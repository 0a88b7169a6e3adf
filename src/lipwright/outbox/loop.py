"""An event loop in a thread of its own, with something open in it that belongs to the loop."""

import asyncio
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from contextlib import AbstractAsyncContextManager
from typing import Generic, TypeVar

_Open = TypeVar("_Open")


class BackgroundLoop(Generic[_Open]):
    """Runs coroutines beside the thread that begins them. The thread keeps no program from ending."""

    def __init__(self, opened: Callable[[], AbstractAsyncContextManager[_Open]], name: str) -> None:
        """Start the thread, and open in it what coroutines are given."""
        self._opened = opened
        ready: Future[None] = Future()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve(ready)), name=name, daemon=True)
        self._thread.start()
        ready.result()

    def begin(self, work: Callable[[_Open], Coroutine[None, None, None]]) -> "Future[None]":
        """Start a coroutine; its end is the future's."""
        return asyncio.run_coroutine_threadsafe(work(self._open), self._loop)

    def close(self) -> None:
        """Cancel what still runs, close what was opened, and wait for the thread to end."""
        self._loop.call_soon_threadsafe(self._closing.set)
        self._thread.join()

    async def _serve(self, ready: "Future[None]") -> None:
        try:
            self._loop, self._closing = asyncio.get_running_loop(), asyncio.Event()
            async with self._opened() as self._open:
                ready.set_result(None)
                await self._closing.wait()
                others = asyncio.all_tasks() - {asyncio.current_task()}
                for task in others:
                    task.cancel()
                await asyncio.gather(*others, return_exceptions=True)
        except BaseException as exc:  # told to whoever waits for the start
            if ready.done():
                raise
            ready.set_exception(exc)
