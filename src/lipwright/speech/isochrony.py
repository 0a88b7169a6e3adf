"""How spoken lines come into their slots: times alone, no sound.

Every line begins where it begins in the source, so that nothing drifts. It never leaves the video, and it never runs
into another line, unless the two overlap in the source: then each stays inside its own slot, so that they overlap no
more than there. One speaker never says two lines at once, whatever the slots say.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from lipwright.contracts.dub import Fit, SpokenLine
from lipwright.errors import LinesDoNotFit


@dataclass(frozen=True, slots=True)
class Rules:
    """What viewers accept."""

    silence_s: float = 0.15
    """Left between a line that borrows silence and the next one."""
    fastest: float = 1.2
    """Times the voice's own pace."""
    slowest: float = 1 / 1.1
    early_s: float = 0.25
    """A line may end so much before its slot does: that is not seen."""
    worthwhile: float = 1 / 3
    """Part of what is missing in its slot that slowing a line down must give; else it keeps its own pace."""
    failed_share: float = 0.2
    """More of the lines may not fail."""


@dataclass(frozen=True, slots=True)
class Slot:
    """Where a line is said in the source."""

    number: int
    start_s: float
    end_s: float
    speaker: int


@dataclass(frozen=True, slots=True)
class Room:
    """The time that a line may take."""

    start_s: float
    slot_end_s: float
    """Its own slot: cut where the video ends, or where the same speaker says the next line."""
    end_s: float
    """With the silence behind it that it may borrow; never before `slot_end_s`."""


@dataclass(frozen=True, slots=True)
class Placement:
    """Where a line is heard."""

    choice: int
    """Which of the lengths: 0 is the translation itself, others its alternatives."""
    start_s: float
    end_s: float
    """Equal to `start_s` for a line that is not spoken."""
    natural_s: float
    speed: float
    """Times the voice's own pace."""
    borrowed_s: float
    fit: Fit


def find_rooms(slots: Sequence[Slot], duration_s: float, rules: Rules) -> tuple[Room, ...]:
    """Tell how much time each line may take.

    A line borrows only true silence: time in which nobody speaks in the source.

    Args:
        slots: in order of their starts.
        duration_s: of the video.
    Returns: one room for each slot; empty, with `end_s` equal to `start_s`, for a line that has no time at all.
    """
    return tuple(_room(slots, index, duration_s, rules) for index in range(len(slots)))


def fit_line(room: Room, lengths_s: Iterable[float], rules: Rules) -> Placement:
    """Bring a line into its room, by the first of these that does: at its own pace, into the silence behind it, faster,
    and the same with each of its alternatives. A line that is a little short is slowed down.

    Args:
        lengths_s: how long the voice takes at its own pace for the translation and each alternative, best first; no
            more of them are asked for than are needed. None at all for a line that says nothing.
    """
    first_s: float | None = None
    for choice, natural_s in enumerate(lengths_s):
        placement = _placed(room, choice, natural_s, rules)
        if placement is not None:
            return placement
        first_s = natural_s if first_s is None else first_s
    fit = Fit.SILENT if first_s is None else Fit.FAILED
    return Placement(0, room.start_s, room.start_s, first_s or 0.0, 1.0, 0.0, fit)


def check_lines(lines: Sequence[SpokenLine], rules: Rules) -> None:
    """Stop where too many lines failed.

    Raises: LinesDoNotFit: it names them.
    """
    failed = [line.number for line in lines if line.fit is Fit.FAILED]
    asked = sum(line.fit is not Fit.SILENT for line in lines)
    if len(failed) > rules.failed_share * asked:
        raise LinesDoNotFit(
            f"{_named(failed)}: too long for the time that the video gives, even {rules.fastest:g} times as fast as the"
            f" voice speaks; {len(failed)} of {asked} lines fail. Shorten them in translation.srt, or use --allow for"
            " silence in their place."
        )


def _room(slots: Sequence[Slot], index: int, duration_s: float, rules: Rules) -> Room:
    slot = slots[index]
    start_s = min(max(slot.start_s, 0.0), duration_s)
    own = (later.start_s for later in slots[index + 1 :] if later.speaker == slot.speaker)
    slot_end_s = max(start_s, min(slot.end_s, duration_s, next(own, duration_s)))
    others = [*slots[:index], *slots[index + 1 :]]
    if any(other.start_s < slot_end_s < other.end_s for other in others):
        return Room(start_s, slot_end_s, slot_end_s)
    following_s = min((other.start_s for other in slots[index + 1 :] if other.start_s >= slot_end_s), default=None)
    silent_until_s = duration_s if following_s is None else min(following_s - rules.silence_s, duration_s)
    return Room(start_s, slot_end_s, max(slot_end_s, silent_until_s))


def _placed(room: Room, choice: int, natural_s: float, rules: Rules) -> Placement | None:
    """None where it does not fit."""
    slot_s, most_s = room.slot_end_s - room.start_s, room.end_s - room.start_s
    if natural_s > most_s * rules.fastest:
        return None
    missing_s, gained_s = slot_s - natural_s, natural_s * (1 / rules.slowest - 1)
    if missing_s > rules.early_s and gained_s >= rules.worthwhile * missing_s:
        length_s, fit = min(slot_s, natural_s / rules.slowest), Fit.STRETCHED
    elif natural_s <= slot_s:
        length_s, fit = natural_s, Fit.FITS
    elif natural_s <= most_s:
        length_s, fit = natural_s, Fit.BORROWED
    else:
        length_s, fit = most_s, Fit.FASTER
    end_s = min(room.start_s + length_s, room.end_s)
    return Placement(
        choice=choice,
        start_s=room.start_s,
        end_s=end_s,
        natural_s=natural_s,
        speed=min(max(natural_s / length_s, rules.slowest), rules.fastest) if fit is not Fit.FITS else 1.0,
        borrowed_s=max(end_s - room.slot_end_s, 0.0),
        fit=Fit.SHORTER if choice else fit,
    )


def _named(numbers: Sequence[int]) -> str:
    *before, last = map(str, numbers)
    return f"lines {', '.join(before)} and {last}" if before else f"line {last}"
