"""Folders for the attempts at stages. One an attempt, so that a zombie writes where nobody reads; removed behind it."""

import re
import shutil
import uuid
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

NAME = re.compile(r"worker-[0-9a-f]{32}")
"""What is called otherwise is not ours to remove."""


def new_name() -> str:
    """A name for a worker that no other has, has had or will have."""
    return f"worker-{uuid.uuid4().hex}"


class Scratch:
    """The folder of one worker, inside one that workers may share."""

    def __init__(self, root: Path, executor: str) -> None:
        """Make it.

        Args:
            executor: the worker, whose lease is registered.
        """
        self._root = root
        self._folder = root / executor
        self._folder.mkdir(parents=True, exist_ok=True)

    @contextmanager
    def folder(self, token: str) -> Iterator[Path]:
        """An empty folder for an attempt; gone behind the block."""
        folder = (self._folder / token).resolve()
        folder.mkdir()
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def sweep(self, live: Callable[[], Collection[str]]) -> None:
        """Remove what dead workers left.

        Args:
            live: names those who live; asked when the folders are known, and only where there are foreign ones.
        """
        found = [folder for folder in self._root.iterdir() if NAME.fullmatch(folder.name) and folder != self._folder]
        if not found:
            return
        alive = live()
        for folder in found:
            if folder.name not in alive:
                shutil.rmtree(folder, ignore_errors=True)

    def close(self) -> None:
        """Remove the worker's folder."""
        shutil.rmtree(self._folder, ignore_errors=True)
