"""Orders to renderers: few at once, watched until their videos are here, found again when a vendor drops them.

Whoever waits for an order works: each waiting thread of each process looks after whatever is due at its renderer, its
own order or another's. So nothing belongs to a process that may die.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from lipwright.contracts.progress import Progress, SilentProgress
from lipwright.errors import (
    AddressForbidden,
    Cancelled,
    LipwrightError,
    MediaError,
    ProviderAnswerInvalid,
    ProviderError,
    ProviderTimeout,
    ProviderUnavailable,
)
from lipwright.media.probe import probe
from lipwright.remote.waiting import check, pause
from lipwright.render.remote.base import (
    NotTaken,
    Phase,
    RenderedVideo,
    RenderOrder,
    VendorState,
    VideoRenderer,
    file_digest,
)
from lipwright.render.remote.ledger import Ledger
from lipwright.render.remote.tables import Ordered, OrderState, Submission, SubmissionState

_LEASE_S: Final = 1200.0
"""So long nobody else looks at what somebody looks at, unless he dies; more than a download takes."""

_DEAD_S: Final = 30.0
"""So often those who wait look for what the dead have left."""


@dataclass(frozen=True, slots=True)
class Terms:
    """How vendors are treated."""

    in_flight: int = 5
    """Orders that are under way at one renderer at once, over all processes of a folder."""
    first_look_s: float = 3.0
    longest_look_s: float = 30.0
    """Between two looks at one video. The pace slows down from the first to this."""
    called_look_s: float = 120.0
    """The same where the vendor calls back: a look is for the call that never comes."""
    settle_s: float = 90.0
    """A vendor may not know for so long what it has taken. After that, it has dropped it."""
    send_s: float = 300.0
    """Longest that a submission takes, files included; after that, its process has died."""
    stuck_s: float = 3600.0
    """A video that is worked on for longer is one that the vendor has dropped."""
    patience_s: float = 14_400.0
    """Nobody waits longer for an order. What is under way is kept for the next who orders the same."""
    losses: int = 4
    """So often a vendor may lose one order."""
    bad_files: int = 4
    """So often a finished video may fail to come, before it counts as lost."""
    tick_s: float = 0.5


class OrderDesk:
    """Has videos made, and remembers it in a folder. Any number of threads and processes may use one folder."""

    def __init__(
        self,
        folder: Path,
        terms: Terms | None = None,
        *,
        now: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """
        Args:
            folder: made when it is missing. Videos lie in it under the keys of their orders.
            now: seconds since 1970, the same for all who use the folder.
        Raises: DatabaseFailed; ServiceError: a later version has written it.
        """
        self.ledger = Ledger(folder)
        self.terms = terms or Terms()
        self._folder, self._now, self._sleep = folder, now, sleep

    def render(self, renderer: VideoRenderer, order: RenderOrder, progress: Progress | None = None) -> RenderedVideo:
        """Have a video made, and wait for it. The same order again gives the same video, and is paid for once.

        Args:
            progress: told of the stages `queue`, `send`, `render` and `fetch`; not asked whether to go on.
        When the wait is cancelled, or the process dies, the vendor goes on; whoever orders the same gets its video.
        Raises: UsageError: the vendor takes no such order. ProviderError: it cannot make it, has lost it too often, or
            keeps us waiting too long. MediaError: a file of the order cannot be read. AddressForbidden: its videos
            lie in a private network. OutputError. DatabaseFailed. What a cancelled wait raises.
        """
        renderer.check(order)
        name = renderer.capability.name
        expected_s = float(probe(order.audio).duration_s) if order.audio else None
        key = order.key(name)
        ordered = self.ledger.open_order(key, name, expected_s, self._ms())
        if ordered.state is OrderState.DONE and not self._is_here(ordered):
            self.ledger.fetch_again(key, self._ms())
        before = frozenset(one.reference for one in self.ledger.submissions(key))
        steps = _Steps(progress or SilentProgress())
        gives_up_s, next_dead_s = self._now() + self.terms.patience_s, 0.0
        while True:
            check()
            if self._now() >= next_dead_s:
                self.ledger.release_dead(self._ms())
                next_dead_s = self._now() + _DEAD_S
            ordered = self.ledger.order(key)
            if ordered.state is OrderState.DONE:
                return self._result(name, ordered, before)
            if ordered.state is OrderState.FAILED:
                raise ProviderUnavailable(ordered.problem)
            if ordered.losses >= self.terms.losses:
                self._give_up(name, key)
            elif not self._submitted(renderer, order, key, steps) and not self._looked(renderer, order, key, steps):
                steps.now("render" if self.ledger.is_under_way(key) else "queue")
                if self._now() > gives_up_s:
                    raise ProviderTimeout(
                        f"{name}: the video is not here after {self.terms.patience_s:g} s. Order the same again to go"
                        " on waiting; it is not paid for twice."
                    )
                pause(self.terms.tick_s, self._sleep)

    def _submitted(self, renderer: VideoRenderer, order: RenderOrder, key: str, steps: "_Steps") -> bool:
        """Send an order, if it is its turn."""
        terms = self.terms
        taken = self.ledger.begin_submission(key, terms.in_flight, _ms(terms.send_s), self._ms())
        if taken is None:
            return False
        steps.now("send")
        try:
            files = renderer.prepare(order)
        except Cancelled:
            self.ledger.refuse(taken.reference, 0, "")
            raise
        except LipwrightError as exc:
            self._refused(renderer.capability.name, taken, exc)
            return True
        if not self.ledger.note_sending(taken.reference, self._ms(terms.send_s), self._ms()):
            return True
        try:
            vendor_id = renderer.submit(order, files, taken.reference)
        except NotTaken as exc:
            self._refused(renderer.capability.name, taken, exc.cause)
        except ProviderError:
            # Nobody knows what became of it: it is looked for among the vendor's videos.
            self.ledger.put_off(taken.reference, self._ms(terms.first_look_s), self._ms())
        else:
            self.ledger.note_sent(taken.reference, vendor_id, self._ms(terms.first_look_s), self._ms())
        return True

    def _refused(self, name: str, taken: Submission, cause: LipwrightError) -> None:
        asked_s = getattr(cause, "after_s", None)
        own_s = self.terms.first_look_s * 2.0 ** min(self.ledger.refusals(taken.key), 10)
        wait_s = min(own_s if asked_s is None else asked_s, self.terms.called_look_s) if cause.retryable else 0.0
        said = f"{name}: did not take the order at first ({cause.code}), and was asked again."
        self.ledger.refuse(taken.reference, self._ms(wait_s), said)
        if not cause.retryable:
            raise cause

    def _looked(self, renderer: VideoRenderer, order: RenderOrder, key: str, steps: "_Steps") -> bool:
        """Look at what is due, whoever ordered it."""
        due = self.ledger.take_due(renderer.capability.name, _ms(_LEASE_S), self._ms())
        if due is None:
            return False
        began_ms = self._ms()
        try:
            fetching = steps if due.key == key else _Steps(SilentProgress())
            self._look(renderer, due, began_ms, fetching, is_called=order.callback_url is not None)
        except ProviderError as exc:
            self.ledger.put_off(due.reference, self._ms(self._pace_s(due)), began_ms)
            if not exc.retryable and due.key == key:
                raise
        except BaseException:
            self.ledger.put_off(due.reference, self._ms(), began_ms)
            raise
        return True

    def _look(
        self, renderer: VideoRenderer, due: Submission, began_ms: int, steps: "_Steps", *, is_called: bool
    ) -> None:
        name = renderer.capability.name
        match due.state:
            case SubmissionState.PREPARING:  # its process died before it was sent
                self.ledger.refuse(due.reference, 0, f"{name}: an order was not sent, and is sent again.")
                return
            case SubmissionState.SENDING:
                self._find(renderer, due, began_ms)
                return
        state = renderer.state(due.vendor_id)
        match state.phase:
            case Phase.WORKING:
                if self._age_s(due.sent_ms) > self.terms.stuck_s:
                    self.ledger.lose(due.reference, f"{name}: a video was never finished, and is ordered again.")
                    return
                pace_s = self.terms.called_look_s if is_called and renderer.capability.webhooks else self._pace_s(due)
                self.ledger.put_off(due.reference, self._ms(pace_s), began_ms, unknown_ms=0)
            case Phase.UNKNOWN:
                self._find(renderer, due, began_ms)
            case Phase.FAILED:
                self.ledger.fail(due.reference, f"{name}: cannot make the video ({state.reason}). Change the order.")
            case Phase.DONE:
                steps.now("fetch")
                self._fetch(renderer, due, state, began_ms)

    def _find(self, renderer: VideoRenderer, due: Submission, began_ms: int) -> None:
        """Learn what became of a submission that the vendor does not answer for."""
        found = renderer.find(due.reference)
        since_ms = due.unknown_ms or began_ms
        if found is not None and found != due.vendor_id:
            self.ledger.note_sent(due.reference, found, self._ms(), began_ms)
            self.ledger.put_off(due.reference, self._ms(), began_ms)
        elif found is None and self._age_s(max(since_ms, due.sent_ms)) >= self.terms.settle_s:
            self.ledger.lose(due.reference, f"{renderer.capability.name}: dropped an order, which is sent again.")
        elif self._age_s(due.sent_ms) > self.terms.stuck_s:
            self.ledger.lose(due.reference, f"{renderer.capability.name}: hides a video, which is ordered again.")
        else:
            wait_s = min(self._pace_s(due), self.terms.settle_s / 3)
            self.ledger.put_off(due.reference, self._ms(wait_s), began_ms, unknown_ms=since_ms)

    def _fetch(self, renderer: VideoRenderer, due: Submission, state: VendorState, began_ms: int) -> None:
        ordered, name = self.ledger.order(due.key), renderer.capability.name
        if ordered.state is OrderState.DONE and self._is_here(ordered):
            self.ledger.complete(due.reference, ordered.sha256, ordered.duration_s)
            return
        for left in self._folder.glob(f".{due.key}.*.part"):  # of a process that was killed: nobody else fetches now
            left.unlink(missing_ok=True)
        try:
            fetched = renderer.fetch(state, self._path(due.key), ordered.expected_s)
        except (ProviderError, MediaError, AddressForbidden) as exc:
            bad_files = due.bad_files + 1
            if bad_files < self.terms.bad_files:
                wait_s = min(self.terms.first_look_s * 2.0**bad_files, self.terms.longest_look_s)
                self.ledger.put_off(due.reference, self._ms(wait_s), began_ms, bad_files=bad_files)
            elif isinstance(exc, AddressForbidden):  # another one would lie there, too
                self.ledger.fail(due.reference, f"{name}: {exc}")
            else:
                said = f"{name}: gave no whole file {bad_files} times ({exc.code}), so the video is ordered again."
                self.ledger.lose(due.reference, said)
            return
        self.ledger.complete(due.reference, fetched.sha256, float(fetched.clip.duration_s))

    def _give_up(self, name: str, key: str) -> None:
        problem = f"{name}: has lost the order {self.terms.losses} times. Look at your account there, or try another."
        self.ledger.give_up(key, problem)
        raise ProviderAnswerInvalid(problem)

    def _result(self, name: str, ordered: Ordered, before: frozenset[str]) -> RenderedVideo:
        attempts = [one for one in self.ledger.submissions(ordered.key) if one.state is not SubmissionState.REFUSED]
        return RenderedVideo(
            path=self._path(ordered.key),
            sha256=ordered.sha256,
            duration_s=ordered.duration_s,
            renderer=name,
            vendor_id=ordered.vendor_id,
            submissions=len(attempts),
            is_new=any(one.reference not in before for one in attempts),
            told=ordered.told,
        )

    def _is_here(self, ordered: Ordered) -> bool:
        path = self._path(ordered.key)
        return path.is_file() and file_digest(path) == ordered.sha256

    def _path(self, key: str) -> Path:
        return self._folder / f"{key}.mp4"

    def _pace_s(self, due: Submission) -> float:
        """The older a video is, the less often it is looked at."""
        return min(max(self.terms.first_look_s, self._age_s(due.sent_ms) / 6), self.terms.longest_look_s)

    def _age_s(self, since_ms: int) -> float:
        return self._now() - since_ms / 1000

    def _ms(self, later_s: float = 0.0) -> int:
        return _ms(self._now() + later_s)


class _Steps:
    """Tells of each stage once while it lasts."""

    def __init__(self, progress: Progress) -> None:
        self._progress, self._name = progress, ""

    def now(self, name: str) -> None:
        if name != self._name:
            self._name = name
            self._progress.stage(name, None)


def _ms(seconds: float) -> int:
    return round(seconds * 1000)
