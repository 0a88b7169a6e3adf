"""How the stages of a job share what they computed, wherever each of them runs: in bundles, published as files.

A stage publishes what it computed and no stage before it did; the next one begins by putting it into the store of its
own machine. So does the stage whose work was shared out, with what its parts computed.
"""

from collections.abc import Mapping
from pathlib import Path

from lipwright.contracts.route import Divided, StageWork
from lipwright.errors import UsageError
from lipwright.media.output import output_error
from lipwright.pipeline.share import Division, Share, part_name, pieces_of
from lipwright.store.bundle import pack, unpack
from lipwright.store.digest import file_digest
from lipwright.store.stages import StageStore

_PREFIX, _SUFFIX = "bundle.", ".tar"


def bring(work: StageWork, store: StageStore) -> frozenset[str]:
    """Put what earlier stages and the parts of this one computed into the store.

    A bundle bears its digest in its name: what a person put in its place is not taken.

    Returns: digests of the keys of what earlier stages computed.
    Raises: UsageError: somebody edited a bundle. StorageFailed: one is damaged. OutputNotWritable, DiskFull, Cancelled.
    """
    brought: set[str] = set()
    for name, path in _bundles(work.earlier).items():
        work.progress.check_cancelled()
        if file_digest(path) != name.removeprefix(_PREFIX).removesuffix(_SUFFIX):
            raise UsageError(f"`{name}`: it is for the machine, and cannot be edited. Approve the stage without it.")
        brought.update(key.digest for key in unpack(path, store))
    for made in (work.parts or {}).values():
        for path in _bundles(made).values():
            work.progress.check_cancelled()
            unpack(path, store)
    return frozenset(brought)


def carry(work: StageWork, store: StageStore, brought: frozenset[str] = frozenset()) -> dict[str, Path]:
    """Publish what this attempt computed, or found in its store, and did not get from earlier stages.

    Returns: the bundle by its name; nothing where there is nothing.
    Raises: OutputNotWritable, DiskFull.
    """
    keys = [key for key in store.used() if key.digest not in brought]
    if not keys:
        return {}
    path = work.folder / f"{_PREFIX}part"
    try:
        pack(store, keys, path)
        named = path.rename(path.with_name(f"{_PREFIX}{file_digest(path)}{_SUFFIX}"))
    except OSError as exc:
        raise output_error(path, exc) from exc
    return {named.name: named}


def share_of(work: StageWork, least: int) -> Share | None:
    """What an attempt does of a work that can be shared out; None for all that is not there yet.

    Args:
        least: pieces of a part.
    """
    if work.part is not None:
        return Share(pieces_of(work.part))
    if work.parts is None and work.line is None:
        return Division(least=least)
    return None


def ended(
    work: StageWork, share: Share | None, what: str, store: StageStore, brought: frozenset[str]
) -> Mapping[str, Path] | Divided:
    """How an attempt ends that did its share.

    Args:
        what: the pieces of the work, such as `windows`.
    """
    if isinstance(share, Division):
        return Divided(tuple(part_name(what, pieces) for pieces in share.parts))
    return carry(work, store, brought)


def _bundles(files: Mapping[str, Path]) -> dict[str, Path]:
    return {name: path for name, path in files.items() if name.startswith(_PREFIX) and name.endswith(_SUFFIX)}
