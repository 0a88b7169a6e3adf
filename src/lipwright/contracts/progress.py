"""How long work tells what it is doing, and learns that nobody wants it any more."""

from typing import Protocol


class Progress(Protocol):
    """The one who asked for the work. Called from the thread that does it."""

    def stage(self, name: str, total: int | None) -> None:
        """A stage begins; the one before it has ended.

        Args:
            name: a verb that a person understands, such as `render`.
            total: how many units `advance` will count; None when that is not known.
        """

    def advance(self, n: int = 1) -> None:
        """`n` more units of the present stage are done."""

    def check_cancelled(self) -> None:
        """Return quickly while the work is wanted; call between units.

        Raises: Cancelled: somebody stopped the work. Remove what is unfinished and let it pass.
        """


class SilentProgress:
    """Nobody watches and nobody cancels."""

    def stage(self, name: str, total: int | None) -> None:
        pass

    def advance(self, n: int = 1) -> None:
        pass

    def check_cancelled(self) -> None:
        pass
