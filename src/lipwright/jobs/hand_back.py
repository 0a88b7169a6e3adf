"""A stage that a worker gives up because it ends itself: as if this attempt had not been."""

import sqlalchemy as sa

from lipwright.contracts.job import StageState
from lipwright.store.tables import stage_run


def hand_back(connection: sa.Connection, job: str, stage: str, token: str) -> None:
    """Let somebody else begin it; nothing changes where the token does not stand any more."""
    connection.execute(
        stage_run.update()
        .where(stage_run.c.job == job, stage_run.c.stage == stage, stage_run.c.token == token)
        .values(
            state=StageState.PENDING,
            attempt=stage_run.c.attempt - 1,
            token=None,
            executor=None,
            progress=0.0,
            remaining_s=None,
        )
    )
