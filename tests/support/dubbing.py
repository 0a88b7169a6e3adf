"""Small dubs of nothing: lines, what a translator would make of them, and a folder for them."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from lipwright.contracts.dub import DubReport, DubRequest, Fit, Line, SpokenLine, TargetLine
from lipwright.contracts.sync import Untouched
from lipwright.pipeline.dub_page.sounds import DubSounds

DURATION_S = 60.0


def line(number: int, start_s: float, end_s: float, text: str, speaker: int = 1) -> Line:
    return Line(number, start_s, end_s, speaker, text, "en")


LINES = (
    line(1, 1.0, 3.0, "Good evening."),
    line(2, 4.0, 6.5, "This is the first thing."),
    line(3, 8.0, 9.25, "And the second.", 2),
    line(4, 10.0, 12.0, "Goodbye.", 2),
)


class Translator:
    """Shouts, and remembers what it was asked."""

    def __init__(self, mark: str = "") -> None:
        self.asked: list[int] = []
        self._mark = mark

    def __call__(self, lines: Sequence[Line]) -> tuple[TargetLine, ...]:
        self.asked += [one.number for one in lines]
        return tuple(
            TargetLine(
                one.number, one.start_s, one.end_s, one.speaker, one.text, self._mark + one.text.upper(), ("SHORT",)
            )
            for one in lines
        )


def request(folder: Path, target: str = "pt-BR") -> DubRequest:
    """For a project `talk` in a folder, of a video beside it."""
    video = folder / "talk.mp4"
    if not video.exists():
        video.write_bytes(b"a video")
    return DubRequest(video, folder / f"talk.{target}.mp4", target, folder / "talk")


def spoken(target: TargetLine, fit: Fit = Fit.FITS, take: int = 0, notes: tuple[str, ...] = ()) -> SpokenLine:
    is_heard = fit not in {Fit.FAILED, Fit.SILENT}
    return SpokenLine(
        number=target.number,
        speaker=target.speaker,
        source=target.source,
        text=target.text,
        slot_start_s=target.start_s,
        slot_end_s=target.end_s,
        start_s=target.start_s,
        end_s=target.end_s if is_heard else target.start_s,
        natural_s=1.0,
        speed=1.0,
        borrowed_s=0.0,
        fit=fit,
        voice="af_heart",
        engine="kokoro",
        take=take,
        notes=(*target.notes, *notes),
    )


def report(asked: DubRequest, lines: Sequence[SpokenLine]) -> DubReport:
    return DubReport(
        output=asked.output,
        project=asked.project,
        waits_after=None,
        unchanged=False,
        source_language="en",
        target=asked.target,
        duration_s=DURATION_S,
        lines=tuple(lines),
        rendered_s=20.0,
        kept_s=40.0,
        untouched=(Untouched(12.0, 52.0, "silent"),),
        cost=(("openai", 120.0, "character"),),
        notes=("the bed is <quiet>",),
        stage_s=(("separate", 3.0), ("speak", 9.0)),
    )


def sounds() -> DubSounds:
    wave = np.abs(np.sin(np.arange(int(DURATION_S * 50)) / 7)).astype(np.float32)
    return DubSounds(wave, wave * np.float32(0.5), -31.0, -18.2, -18.1, -1.4)
