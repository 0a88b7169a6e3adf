"""What jobs call the files of avatars and the fields that commands have options for."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from lipwright.contracts.route import StageWork
from lipwright.errors import LipwrightError
from lipwright.pipeline.service.attempt import plainly

_SLASH, _FLAT = "/", "~"
"""Published names are never paths."""
_OPTION = re.compile(r"(?<![\w-])--([a-z]+(?:-[a-z]+)*)")


def published(asset: str) -> str:
    """The name under which a job publishes an asset of an avatar: `sheet/0-1.png` as `sheet~0-1.png`."""
    return asset.replace(_SLASH, _FLAT)


def asset_named(name: str) -> str:
    """The asset of an avatar that was published under a name."""
    return name.replace(_FLAT, _SLASH)


@contextmanager
def told(work: StageWork | None, called: Mapping[Path, str] | None = None) -> Iterator[None]:
    """Errors of the block name fields of the service, and files as their owners do.

    Args:
        work: the attempt whose folder nobody is to read of; None where there is none yet.
        called: what some files are called.
    """
    try:
        if work is None:
            yield
        else:
            with plainly(work):
                yield
    except LipwrightError as exc:
        words = _OPTION.sub(lambda option: f"`{option[1].replace('-', '_')}`", str(exc))
        for path, name in (called or {}).items():
            words = words.replace(f"`{path.name}`", f"`{name}`")
        exc.args = (words, *exc.args[1:])
        raise
