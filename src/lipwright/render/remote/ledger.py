"""What was ordered, and what is known of it: in an SQLite file, so that no crash loses an order or pays twice.

Any number of threads and processes may use one folder. Each change is a transaction of its own.
"""

import secrets
from pathlib import Path

import sqlalchemy as sa

from lipwright.errors import ServiceError
from lipwright.media.output import output_error
from lipwright.render.remote.owners import Owner
from lipwright.render.remote.rows import change, count_of, has_turn, ordered_of, row_of, submission_of, tell
from lipwright.render.remote.tables import (
    IN_FLIGHT,
    VERSION,
    Ordered,
    OrderState,
    Submission,
    SubmissionState,
    callback,
    metadata,
    order,
    submission,
)
from lipwright.store.database import Database


class Ledger:
    """The orders of one folder."""

    def __init__(self, folder: Path) -> None:
        """
        Args:
            folder: made when it is missing; the videos lie in it, too.
        Raises: OutputNotWritable; DatabaseFailed; ServiceError: a later version of Lipwright has written it.
        """
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as exc:
            raise output_error(folder, exc) from exc
        self._owner = Owner(folder)
        self.database = Database(f"sqlite:///{folder / 'orders.db'}")
        with self.database.begin() as c:
            version = c.exec_driver_sql("PRAGMA user_version").scalar_one()
            if version > VERSION:
                raise ServiceError(f"`{folder}`: a later version of Lipwright keeps its orders here. Update it here.")
            metadata.create_all(c)
            c.exec_driver_sql(f"PRAGMA user_version={VERSION}")

    def close(self) -> None:
        """Work no more in the folder, and close the connections that nobody uses."""
        self._owner.close()
        self.database.close()

    def release_dead(self, now_ms: int) -> None:
        """What somebody did who has died is due at once."""
        living = self._owner.living()
        busy = sa.or_(submission.c.leased_ms > now_ms, submission.c.state.in_(IN_FLIGHT[:2]))
        with self.database.begin() as c:
            c.execute(
                submission.update()
                .where(submission.c.state.in_(IN_FLIGHT), busy, submission.c.owner.not_in(living))
                .values(leased_ms=0, due_ms=now_ms, owner="")
            )

    def open_order(self, key: str, renderer: str, expected_s: float | None, now_ms: int) -> Ordered:
        """Note an order, or find the one that was noted before; one that failed is ordered anew."""
        with self.database.begin() as c:
            found = c.execute(sa.select(order).where(order.c.key == key)).mappings().one_or_none()
            if found is None:
                c.execute(
                    order.insert().values(
                        key=key,
                        renderer=renderer,
                        state=OrderState.OPEN,
                        round=1,
                        expected_s=expected_s,
                        told="[]",
                        not_before_ms=0,
                        created_ms=now_ms,
                    )
                )
            elif found["state"] == OrderState.FAILED:
                c.execute(
                    order.update()
                    .where(order.c.key == key)
                    .values(state=OrderState.OPEN, round=order.c.round + 1, problem=None, told="[]", not_before_ms=0)
                )
        return self.order(key)

    def order(self, key: str) -> Ordered:
        """How an order stands."""
        losses = count_of(key, SubmissionState.LOST).label("losses")
        with self.database.read() as c:
            return ordered_of(c.execute(sa.select(order, losses).where(order.c.key == key)).mappings().one())

    def submissions(self, key: str) -> list[Submission]:
        """All attempts of an order, oldest first."""
        query = sa.select(submission).where(submission.c.key == key).order_by(submission.c.sent_ms)
        with self.database.read() as c:
            return [submission_of(row) for row in c.execute(query).mappings()]

    def is_under_way(self, key: str) -> bool:
        """Whether an order has a place among those in flight."""
        query = sa.select(submission.c.reference).where(submission.c.key == key, submission.c.state.in_(IN_FLIGHT))
        with self.database.read() as c:
            return c.execute(query.limit(1)).first() is not None

    def begin_submission(self, key: str, most_in_flight: int, lease_ms: int, now_ms: int) -> Submission | None:
        """Take a place among those in flight for an order that has none, before anything is sent.

        Returns: None while the order has an attempt under way, no place is free, or its vendor wants to be left alone.
        """
        with self.database.read() as c:  # those who wait in vain hold nobody up
            if not has_turn(c, key, most_in_flight, now_ms):
                return None
        with self.database.begin() as c:
            if not has_turn(c, key, most_in_flight, now_ms):
                return None
            found = c.execute(sa.select(order).where(order.c.key == key)).mappings().one()
            reference = f"lipwright-{key[:12]}-{secrets.token_hex(8)}"
            c.execute(
                submission.insert().values(
                    reference=reference,
                    key=key,
                    renderer=found["renderer"],
                    round=found["round"],
                    state=SubmissionState.PREPARING,
                    owner=self._owner.name,
                    sent_ms=now_ms,
                    due_ms=now_ms + lease_ms,
                )
            )
            return submission_of(row_of(c, reference))

    def note_sending(self, reference: str, due_ms: int, now_ms: int) -> bool:
        """Note that the next thing is to send it. False: it took so long that somebody else has given it up."""
        return self._change(
            reference, (SubmissionState.PREPARING,), state=SubmissionState.SENDING, sent_ms=now_ms, due_ms=due_ms
        )

    def note_sent(self, reference: str, vendor_id: str, due_ms: int, now_ms: int) -> None:
        """Note the vendor's id. A callback that came before it makes it due at once."""
        with self.database.begin() as c:
            row = row_of(c, reference)
            early = sa.select(callback.c.digest).where(
                callback.c.renderer == row["renderer"], callback.c.vendor_id == vendor_id
            )
            nudged = row["nudged_ms"] > 0 or c.execute(early).first() is not None
            state = row["state"] if row["state"] in {SubmissionState.DONE, SubmissionState.FAILED} else "sent"
            c.execute(
                submission.update()
                .where(submission.c.reference == reference)
                .values(state=state, vendor_id=vendor_id, due_ms=now_ms if nudged else due_ms, unknown_ms=0)
            )

    def refuse(self, reference: str, not_before_ms: int, said: str) -> None:
        """Note that nothing was ordered, and when the vendor may be asked again."""
        with self.database.begin() as c:
            row = row_of(c, reference)
            if row["state"] not in IN_FLIGHT:
                return
            change(c, reference, state=SubmissionState.REFUSED)
            if said:
                tell(c, row["key"], said)
            c.execute(order.update().where(order.c.key == row["key"]).values(not_before_ms=not_before_ms))

    def refusals(self, key: str) -> int:
        """How often the vendor has refused an order in this round."""
        with self.database.read() as c:
            return int(c.execute(sa.select(count_of(key, SubmissionState.REFUSED))).scalar_one())

    def take_due(self, renderer: str, lease_ms: int, now_ms: int) -> Submission | None:
        """Take one attempt that is to be looked at, whoever ordered it; nobody else gets it while the lease lasts."""
        due = (
            submission.c.renderer == renderer,
            submission.c.state.in_(IN_FLIGHT),
            submission.c.due_ms <= now_ms,
            submission.c.leased_ms <= now_ms,
        )
        query = sa.select(submission.c.reference).where(*due).order_by(submission.c.due_ms).limit(1)
        with self.database.read() as c:
            if c.execute(query).first() is None:
                return None
        with self.database.begin() as c:
            reference = c.execute(query).scalar_one_or_none()
            if reference is None:
                return None
            change(c, reference, leased_ms=now_ms + lease_ms, owner=self._owner.name)
            return submission_of(row_of(c, reference))

    def put_off(self, reference: str, due_ms: int, looked_ms: int, **seen: int) -> None:
        """Look again then; at once where a callback came while somebody looked.

        Args:
            looked_ms: when the look began.
            seen: what else it showed: `unknown_ms`, `bad_files`.
        """
        with self.database.begin() as c:
            nudged = row_of(c, reference)["nudged_ms"] >= looked_ms
            change(c, reference, leased_ms=0, due_ms=looked_ms if nudged else due_ms, **seen)

    def lose(self, reference: str, said: str) -> None:
        """Note that the vendor has lost it."""
        with self.database.begin() as c:
            row = row_of(c, reference)
            if row["state"] in IN_FLIGHT:
                change(c, reference, state=SubmissionState.LOST, leased_ms=0)
                tell(c, row["key"], said)

    def complete(self, reference: str, sha256: str, duration_s: float) -> None:
        """Note that the video is here, whole."""
        with self.database.begin() as c:
            row = row_of(c, reference)
            change(c, reference, state=SubmissionState.DONE, leased_ms=0)
            c.execute(
                order.update()
                .where(order.c.key == row["key"])
                .values(
                    state=OrderState.DONE,
                    sha256=sha256,
                    duration_s=duration_s,
                    vendor_id=row["vendor_id"],
                    problem=None,
                )
            )

    def fail(self, reference: str, problem: str) -> None:
        """Note that the order cannot be made."""
        with self.database.begin() as c:
            row = row_of(c, reference)
            change(c, reference, state=SubmissionState.FAILED, leased_ms=0)
            c.execute(
                order.update()
                .where(order.c.key == row["key"], order.c.state == OrderState.OPEN)
                .values(state=OrderState.FAILED, problem=problem)
            )

    def give_up(self, key: str, problem: str) -> None:
        """Note that an order whose attempts were all lost is not tried any more."""
        with self.database.begin() as c:
            c.execute(
                order.update()
                .where(order.c.key == key, order.c.state == OrderState.OPEN)
                .values(state=OrderState.FAILED, problem=problem)
            )

    def fetch_again(self, key: str, now_ms: int) -> None:
        """The file of a finished order is not there any more: its video is fetched once more."""
        with self.database.begin() as c:
            changed = c.execute(
                order.update()
                .where(order.c.key == key, order.c.state == OrderState.DONE)
                .values(state=OrderState.OPEN, round=order.c.round + 1)
            )
            if changed.rowcount:
                c.execute(
                    submission.update()
                    .where(submission.c.key == key, submission.c.state == SubmissionState.DONE)
                    .values(state=SubmissionState.SENT, due_ms=now_ms, leased_ms=0, bad_files=0, unknown_ms=0)
                )

    def _change(self, reference: str, states: tuple[SubmissionState, ...], **values: object) -> bool:
        with self.database.begin() as c:
            changed = c.execute(
                submission.update()
                .where(submission.c.reference == reference, submission.c.state.in_(states))
                .values(**values)
            )
            return changed.rowcount == 1
