"""What a stage made goes to the asset store, and then, while its token stands, into the job."""

import threading
from collections.abc import Mapping
from pathlib import Path

from tenacity import Retrying, retry_if_exception_type, stop_after_delay, wait_exponential

from lipwright.errors import PathEscapes, StorageFailed
from lipwright.jobs import faults
from lipwright.jobs.away import Draining, patiently
from lipwright.store.asset_names import clean_name
from lipwright.store.asset_rows import add_asset
from lipwright.store.assets import AssetStore
from lipwright.store.database import Database
from lipwright.store.jobs.attempts import publish_stage
from lipwright.store.jobs.rows import JobRun

STORAGE_AWAY_S = 60.0
"""What a stage made is worth so much patience with the storage."""


class _Fenced(Exception):
    """Somebody else has the stage: undo the transaction."""


def publish(
    database: Database,
    assets: AssetStore,
    job: JobRun,
    stage: str,
    token: str,
    folder: Path,
    files: Mapping[str, Path],
    draining: threading.Event,
) -> bool:
    """Publish what a stage made, all of it in one transaction.

    Args:
        folder: the attempt's own; what it made lies in it.
        files: what it made, by the names under which it is published.
    Returns: False when the token does not stand any more: nothing has changed.
    Raises: StorageFailed; PathEscapes: a file that is not the attempt's own; Draining: the worker ends before.
    """
    faults.hit("stage.before_put")
    for name, path in files.items():
        if clean_name(name) != name or not path.resolve().is_relative_to(folder):
            raise PathEscapes(f"`{name}`: a stage may only publish files of its own folder, under plain names.")

    def rest(wait_s: float) -> None:
        if draining.wait(wait_s):
            raise Draining

    patient = Retrying(
        retry=retry_if_exception_type(StorageFailed),
        wait=wait_exponential(multiplier=0.5, max=10),
        stop=stop_after_delay(STORAGE_AWAY_S),
        sleep=rest,
        reraise=True,
    )
    stored = {name: patient(assets.put, path) for name, path in files.items()}
    faults.hit("stage.before_publish")

    def write() -> bool:
        try:
            with database.begin() as connection:
                now_ms = database.now_ms(connection)
                # In one order by everybody who publishes the same files: no two wait for each other.
                for name, one in sorted(stored.items(), key=lambda named: named[1].digest):
                    add_asset(
                        connection,
                        job.workspace,
                        one.digest,
                        name=name,
                        media_type=one.media_type,
                        size_bytes=one.size_bytes,
                        now_ms=now_ms,
                    )
                digests = {name: one.digest for name, one in stored.items()}
                if not publish_stage(connection, job.id, stage, token, digests, now_ms):
                    raise _Fenced
        except _Fenced:
            return False
        return True

    published = patiently(write, draining)
    faults.hit("stage.after_publish")
    return published
