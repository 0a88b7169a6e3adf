"""Who works in a folder of orders, and who has died there: each holds a lock that the system frees with its process."""

import os
import secrets
from contextlib import suppress
from pathlib import Path

from lipwright.media.output import output_error
from lipwright.store.lock import try_lock


class Owner:
    """One who works in the folder, until it is closed or its process ends."""

    def __init__(self, folder: Path) -> None:
        """
        Raises: OutputNotWritable: the folder takes no files, or knows no locks.
        """
        self.name = secrets.token_hex(8)
        self._folder = folder
        self._path = folder / f"{self.name}.lock"
        unnamed = folder / f"{self.name}.new"
        try:
            unnamed.touch()
            self._descriptor = try_lock(unnamed)
            unnamed.replace(self._path)  # nobody sees it unlocked
        except OSError as exc:
            raise output_error(self._path, exc) from exc

    def living(self) -> frozenset[str]:
        """The names of all who work in the folder now. What the dead have left is removed."""
        alive = set()
        for path in self._folder.glob("*.lock"):
            with suppress(FileNotFoundError):
                descriptor = try_lock(path)
                if descriptor is None:
                    alive.add(path.stem)
                    continue
                path.unlink()
                os.close(descriptor)
        return frozenset(alive)

    def close(self) -> None:
        """Work no more."""
        if self._descriptor is not None:
            self._path.unlink(missing_ok=True)
            os.close(self._descriptor)
            self._descriptor = None
