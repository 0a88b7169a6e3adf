"""What nobody needs any more is removed: jobs and files by age, and then what is stored for nobody.

A file is stored first, and the row that tells of it is written afterwards; so a file without a row is left alone for a
while. One that is stored again meanwhile counts as new, and stays.
"""

from dataclasses import dataclass
from typing import Final

from lipwright.store.asset_rows import drop_asset, is_known, unreferenced
from lipwright.store.assets import AssetStore
from lipwright.store.batches import forget_batches
from lipwright.store.database import Database
from lipwright.store.jobs.forget import forget_jobs

DAY_MS: Final = 86_400_000
_AT_ONCE: Final = 100
"""Rows that one transaction removes: others wait meanwhile."""


@dataclass(frozen=True, slots=True)
class Retired:
    """How many rows were removed."""

    jobs: int
    assets: int


@dataclass(frozen=True, slots=True)
class Collected:
    """What was removed from the storage."""

    files: int
    size_bytes: int


def retire(database: Database, now_ms: int, age_ms: int) -> Retired:
    """Forget batches and jobs that ended so long ago, and files that no job refers to and nobody used for so long.

    Avatars stay, with their jobs and files, until somebody deletes them.

    The bytes of the files stay until `collect`.

    Raises: DatabaseFailed.
    """
    before_ms = now_ms - age_ms
    found = _AT_ONCE
    while found == _AT_ONCE:
        with database.begin() as connection:
            found = forget_batches(connection, before_ms, _AT_ONCE)
    jobs, found = 0, _AT_ONCE
    while found == _AT_ONCE:
        with database.begin() as connection:
            found = len(forget_jobs(connection, before_ms, _AT_ONCE))
        jobs += found
    assets, found = 0, _AT_ONCE
    while found == _AT_ONCE:
        with database.begin() as connection:
            rows = unreferenced(connection, before_ms, _AT_ONCE)
            for row in rows:
                drop_asset(connection, row.workspace, row.digest)
        found = len(rows)
        assets += found
    return Retired(jobs, assets)


def collect(database: Database, assets: AssetStore, now_ms: int, grace_ms: int = DAY_MS) -> Collected:
    """Remove files that no workspace has and that were stored some time ago. Any number of processes may do it.

    Args:
        grace_ms: longer than from the storing of a file to its row.
    Raises: DatabaseFailed, StorageFailed.
    """
    files = size_bytes = 0
    for digest, info in assets.listed():
        if info.modified_ms >= now_ms - grace_ms:
            continue
        with database.read() as connection:
            known = is_known(connection, digest)
        if not known and assets.delete_unchanged(info):
            files += 1
            size_bytes += info.size_bytes
    return Collected(files, size_bytes)
