"""The rows of the job service: one truth for the API, the workers and the outbox, on SQLite and on Postgres.

Times are milliseconds since 1970, UTC. Documents are JSON as text. What belongs to a workspace carries its name, and is
never looked up without it.

What is changed here needs a revision in `migrations/versions`, and a dump of the database before it in
`tests/store/databases`.
"""

import sqlalchemy as sa

metadata = sa.MetaData()

workspace = sa.Table(
    "workspace",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("created_ms", sa.BigInteger, nullable=False),
)
token = sa.Table(
    "token",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("workspace", sa.ForeignKey("workspace.name"), nullable=False),
    sa.Column("digest", sa.Text, nullable=False),
    sa.Column("scopes", sa.Text, nullable=False),
    sa.Column("created_ms", sa.BigInteger, nullable=False),
    sa.Column("expires_ms", sa.BigInteger),
    sa.Column("revoked_ms", sa.BigInteger),
)
asset = sa.Table(
    "asset",
    metadata,
    sa.Column("workspace", sa.ForeignKey("workspace.name"), primary_key=True),
    sa.Column("digest", sa.Text, primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("media_type", sa.Text, nullable=False),
    sa.Column("size_bytes", sa.BigInteger, nullable=False),
    sa.Column("created_ms", sa.BigInteger, nullable=False),
    sa.Column("used_ms", sa.BigInteger, nullable=False),
    sa.Index("asset_by_use", "used_ms"),
    sa.Index("asset_by_digest", "digest"),
    sa.Index("asset_by_age", "workspace", "created_ms", "digest"),
)
job = sa.Table(
    "job",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("workspace", sa.ForeignKey("workspace.name"), nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("snapshot", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("run", sa.Integer, nullable=False),
    sa.Column("priority", sa.Integer, nullable=False),
    sa.Column("cancelled", sa.Boolean, nullable=False, default=False),
    sa.Column("waits_for", sa.Text),
    sa.Column("outputs", sa.Text, nullable=False, default="{}"),
    sa.Column("error", sa.Text),
    sa.Column("last_sequence", sa.Integer, nullable=False, default=0),
    sa.Column("created_ms", sa.BigInteger, nullable=False),
    sa.Column("updated_ms", sa.BigInteger, nullable=False),
    sa.Index("job_by_workspace", "workspace", "created_ms", "id"),
    sa.Index("job_by_state", "state", "updated_ms"),
)
idempotency = sa.Table(
    "idempotency",
    metadata,
    sa.Column("workspace", sa.Text, primary_key=True),
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("body_digest", sa.Text, nullable=False),
    sa.Column("job", sa.ForeignKey("job.id", deferrable=True, initially="DEFERRED"), nullable=False),
    sa.Column("created_ms", sa.BigInteger, nullable=False),
    sa.Index("idempotency_by_job", "job"),
)
stage_run = sa.Table(
    "stage_run",
    metadata,
    sa.Column("job", sa.ForeignKey("job.id"), primary_key=True),
    sa.Column("stage", sa.Text, primary_key=True),
    sa.Column("parent", sa.Text),  # the stage that this row is a part of
    sa.Column("parts", sa.Integer),  # how many parts this stage divided itself into
    sa.Column("queue", sa.Text, nullable=False),
    sa.Column("position", sa.Integer, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("attempt", sa.Integer, nullable=False, default=0),
    sa.Column("take", sa.Integer, nullable=False, default=0),
    sa.Column("line", sa.Integer),
    sa.Column("lines", sa.Text, nullable=False, default="{}"),
    sa.Column("token", sa.Text),
    sa.Column("executor", sa.Text),
    sa.Column("approved", sa.Boolean, nullable=False, default=False),
    sa.Column("progress", sa.Float, nullable=False, default=0.0),
    sa.Column("remaining_s", sa.Float),
    sa.Column("told", sa.Float, nullable=False, default=0.0),
    sa.Column("told_ms", sa.BigInteger, nullable=False, default=0),
    sa.Column("outputs", sa.Text, nullable=False, default="{}"),
    sa.Column("edits", sa.Text, nullable=False, default="{}"),
    sa.Column("error", sa.Text),
    sa.Column("started_ms", sa.BigInteger),
    sa.Column("ended_ms", sa.BigInteger),
)
job_asset = sa.Table(
    "job_asset",
    metadata,
    sa.Column("job", sa.ForeignKey("job.id"), primary_key=True),
    sa.Column("digest", sa.Text, primary_key=True),
    sa.Index("job_asset_by_digest", "digest"),
)
event = sa.Table(
    "event",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("job", sa.ForeignKey("job.id"), nullable=False),
    sa.Column("workspace", sa.Text, nullable=False),
    sa.Column("sequence", sa.Integer, nullable=False),
    sa.Column("type", sa.Text, nullable=False),
    sa.Column("body", sa.Text, nullable=False),
    sa.Column("created_ms", sa.BigInteger, nullable=False),
    sa.UniqueConstraint("job", "sequence", name="event_in_order"),
)
delivery = sa.Table(
    "delivery",
    metadata,
    sa.Column("event", sa.ForeignKey("event.id"), primary_key=True),
    sa.Column("workspace", sa.Text, nullable=False),
    sa.Column("job", sa.Text, nullable=False),
    sa.Column("sequence", sa.Integer, nullable=False),
    sa.Column("url", sa.Text, nullable=False),
    sa.Column("secret", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("tries", sa.Integer, nullable=False, default=0),
    sa.Column("created_ms", sa.BigInteger, nullable=False),
    sa.Column("since_ms", sa.BigInteger, nullable=False),
    sa.Column("due_ms", sa.BigInteger, nullable=False),
    sa.Column("delivered_ms", sa.BigInteger),
    sa.Index("delivery_due", "state", "due_ms"),
    sa.Index("delivery_by_job", "job", "sequence"),
    sa.Index("delivery_by_workspace", "workspace", "created_ms", "event"),
)
delivery_try = sa.Table(
    "delivery_try",
    metadata,
    sa.Column("event", sa.ForeignKey("delivery.event"), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("started_ms", sa.BigInteger, nullable=False),
    sa.Column("took_ms", sa.BigInteger, nullable=False),
    sa.Column("status", sa.Integer),
    sa.Column("problem", sa.Text),
)
secret = sa.Table(
    "secret",
    metadata,
    sa.Column("workspace", sa.ForeignKey("workspace.name"), primary_key=True),
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("value", sa.Text, nullable=False),
    sa.Column("previous", sa.Text),
    sa.Column("previous_until_ms", sa.BigInteger),
)
worker_lease = sa.Table(
    "worker_lease",
    metadata,
    sa.Column("executor", sa.Text, primary_key=True),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("queues", sa.Text, nullable=False),
    sa.Column("host", sa.Text, nullable=False),
    sa.Column("pid", sa.Integer, nullable=False),
    sa.Column("seen_ms", sa.BigInteger, nullable=False),
)
avatar = sa.Table(
    "avatar",
    metadata,
    sa.Column("workspace", sa.ForeignKey("workspace.name"), primary_key=True),
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("job", sa.ForeignKey("job.id"), nullable=False),
    sa.Column("created_ms", sa.BigInteger, nullable=False),
    sa.Index("avatar_by_job", "job"),
    sa.Index("avatar_by_age", "workspace", "created_ms", "name"),
)
batch = sa.Table(
    "batch",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("workspace", sa.ForeignKey("workspace.name"), nullable=False),
    sa.Column("key", sa.Text),
    sa.Column("body_digest", sa.Text, nullable=False),
    sa.Column("request", sa.Text, nullable=False),  # all of its jobs, without a spec
    sa.Column("size", sa.Integer, nullable=False),  # of its table, in rows
    sa.Column("open", sa.Boolean, nullable=False),  # while rows wait for their jobs to be made
    sa.Column("cancelled", sa.Boolean, nullable=False, default=False),
    sa.Column("created_ms", sa.BigInteger, nullable=False),
    sa.UniqueConstraint("workspace", "key", name="batch_by_key"),
    sa.Index("batch_by_age", "workspace", "created_ms", "id"),
    sa.Index("batch_by_open", "open"),
)
batch_row = sa.Table(
    "batch_row",
    metadata,
    sa.Column("batch", sa.ForeignKey("batch.id"), primary_key=True),
    sa.Column("position", sa.Integer, primary_key=True),
    sa.Column("workspace", sa.Text, nullable=False),
    sa.Column("line", sa.Integer, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("language", sa.Text, nullable=False),
    sa.Column("digest", sa.Text, nullable=False),  # of all that its video is made from
    sa.Column("spec", sa.Text, nullable=False),
    sa.Column("wording", sa.Text),  # what is translated before a job is made of it
    sa.Column("held_ms", sa.BigInteger, nullable=False, default=0),  # until then somebody translates it
    sa.Column("job", sa.ForeignKey("job.id")),
    sa.Column("taken", sa.Boolean, nullable=False, default=False),  # the job was another row's
    sa.Column("error", sa.Text),
    sa.Index("batch_row_by_digest", "workspace", "digest"),
    sa.Index("batch_row_by_job", "job"),
)
