"""Stages that are done in parts: a part is a row of its own, which names its stage."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Let rows of stages have a parent, and know how many parts they have."""
    op.add_column("stage_run", sa.Column("parent", sa.Text(), nullable=True))
    op.add_column("stage_run", sa.Column("parts", sa.Integer(), nullable=True))
