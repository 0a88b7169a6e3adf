"""The rows of the orders' ledger, in a file of their own beside the videos. Times are milliseconds since 1970."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import sqlalchemy as sa

VERSION: Final = 1
"""Of the form of these rows; kept in the file."""

metadata = sa.MetaData()


class OrderState(StrEnum):
    """What became of an order."""

    OPEN = "open"
    DONE = "done"
    FAILED = "failed"


class SubmissionState(StrEnum):
    """What is known of one attempt to have an order made."""

    PREPARING = "preparing"
    """Files are brought to the vendor; nothing is ordered yet."""
    SENDING = "sending"
    """It may have been ordered: the vendor's answer is not here, or says nothing."""
    SENT = "sent"
    """The vendor has given it an id."""
    DONE = "done"
    FAILED = "failed"
    REFUSED = "refused"
    """It is sure that nothing was ordered."""
    LOST = "lost"
    """The vendor has dropped it, is stuck with it, or gives no whole file."""


IN_FLIGHT: Final = (SubmissionState.PREPARING, SubmissionState.SENDING, SubmissionState.SENT)

order = sa.Table(
    "render_order",
    metadata,
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("renderer", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("round", sa.Integer, nullable=False),  # rises when what failed is ordered again
    sa.Column("expected_s", sa.Float),
    sa.Column("sha256", sa.Text),
    sa.Column("duration_s", sa.Float),
    sa.Column("vendor_id", sa.Text),
    sa.Column("problem", sa.Text),
    sa.Column("told", sa.Text, nullable=False),
    sa.Column("not_before_ms", sa.BigInteger, nullable=False),
    sa.Column("created_ms", sa.BigInteger, nullable=False),
)
submission = sa.Table(
    "render_submission",
    metadata,
    sa.Column("reference", sa.Text, primary_key=True),
    sa.Column("key", sa.ForeignKey("render_order.key"), nullable=False),
    sa.Column("renderer", sa.Text, nullable=False),
    sa.Column("round", sa.Integer, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("vendor_id", sa.Text),
    sa.Column("sent_ms", sa.BigInteger, nullable=False),
    sa.Column("due_ms", sa.BigInteger, nullable=False),
    sa.Column("owner", sa.Text, nullable=False),  # who sends it or looks at it
    sa.Column("leased_ms", sa.BigInteger, nullable=False, default=0),
    sa.Column("nudged_ms", sa.BigInteger, nullable=False, default=0),
    sa.Column("unknown_ms", sa.BigInteger, nullable=False, default=0),
    sa.Column("bad_files", sa.Integer, nullable=False, default=0),
    sa.Index("submission_by_key", "key"),
    sa.Index("submission_due", "renderer", "state", "due_ms"),
    sa.Index("submission_by_vendor_id", "renderer", "vendor_id"),
)
callback = sa.Table(
    "render_callback",
    metadata,
    sa.Column("digest", sa.Text, primary_key=True),
    sa.Column("renderer", sa.Text, nullable=False),
    sa.Column("vendor_id", sa.Text, nullable=False),
    sa.Column("reference", sa.Text, nullable=False),
    sa.Column("event", sa.Text, nullable=False),
    sa.Column("received_ms", sa.BigInteger, nullable=False),
    sa.Index("callback_by_vendor_id", "renderer", "vendor_id"),
)


@dataclass(frozen=True, slots=True)
class Ordered:
    """An order as the ledger knows it."""

    key: str
    state: OrderState
    expected_s: float | None
    sha256: str
    duration_s: float
    vendor_id: str
    problem: str
    told: tuple[str, ...]
    losses: int
    """How often the vendor has lost it in this round."""


@dataclass(frozen=True, slots=True)
class Submission:
    """One attempt to have an order made."""

    reference: str
    """Our own name of it, which the vendor keeps."""
    key: str
    state: SubmissionState
    vendor_id: str
    sent_ms: int
    unknown_ms: int
    """Since when the vendor does not know it; 0: it does."""
    bad_files: int
    """How often what it gave was no whole video."""
