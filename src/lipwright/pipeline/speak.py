"""The route of `lipwright speak`: a photo and a text become a talking video. Frames stream, memory stays flat."""

from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from lipwright.contracts.media import Cue
from lipwright.contracts.portrait import PortraitRequest, SpeakReport, SubtitleKind
from lipwright.contracts.progress import Progress
from lipwright.errors import ProviderUnknown
from lipwright.media.burn import SubtitleStyle
from lipwright.media.claim import claimed
from lipwright.media.cues import CueRules, cues_from_words
from lipwright.media.output import check_writable
from lipwright.media.subtitles import write_subtitles
from lipwright.motion.sound import MouthEngine
from lipwright.pipeline.clock import StageClock
from lipwright.pipeline.stages.describe import describe
from lipwright.pipeline.stages.listen import listen
from lipwright.pipeline.stages.move import move
from lipwright.pipeline.stages.narrate import narrate
from lipwright.pipeline.stages.prepare import Prepared, prepare
from lipwright.pipeline.stages.recite import recite
from lipwright.pipeline.stages.render import render
from lipwright.pipeline.stages.soundtrack import Soundtrack
from lipwright.speech.tts.base import TextToSpeech
from lipwright.store.stages import StageStore


def speak(
    request: PortraitRequest,
    *,
    tts: TextToSpeech | None,
    listener: MouthEngine,
    progress: Progress,
    store: StageStore | None = None,
    preparing: Callable[[PortraitRequest], Prepared] = prepare,
) -> SpeakReport:
    """Make the video of a request.

    Args:
        tts: speaks the text; None for a request with a recording.
        listener: hears the mouth of a recording, and of a voice whose phones are not known.
        store: where what was spoken is kept, and found again; None keeps nothing.
        preparing: makes the photo ready; one that remembers spares the next video of the same photo the work.

    Returns: what was made; the video and the files beside it are complete.
    Raises: InputError, ProviderError, OutputError, Cancelled: nothing is left under the output's name.
    """
    beside = _files_beside(request)
    for path in (request.output, *beside.values()):
        check_writable(path)
    with claimed(request.output, *beside.values()):
        return _speak(request, beside, tts, listener, progress, store, preparing)


def _speak(
    request: PortraitRequest,
    beside: dict[SubtitleKind, Path],
    tts: TextToSpeech | None,
    listener: MouthEngine,
    progress: Progress,
    store: StageStore | None,
    preparing: Callable[[PortraitRequest], Prepared],
) -> SpeakReport:
    clock = StageClock()
    progress.stage("prepare", None)
    with clock.stage("prepare"):
        prepared = preparing(request)
    with clock.stage("listen" if request.audio else "speak"):
        soundtrack = _sound(request, tts, progress, store)
    with closing(soundtrack.sound):
        cues = _cues(request, prepared, soundtrack) if request.subtitles else []
        motion = move(request, soundtrack, listener=listener)
        with clock.stage("render"):
            frames = render(request, prepared, soundtrack, motion, cues, progress)
    sidecar = describe(request, prepared, soundtrack, motion, frames)
    for path in beside.values():
        write_subtitles(path, cues)
    width, height = prepared.framing.width_px, prepared.framing.height_px
    return SpeakReport(
        output=request.output,
        duration_s=float(len(frames.gap) / request.fps),
        frames=len(frames.gap),
        width_px=width,
        height_px=height,
        fps=request.fps,
        stage_s=tuple(clock.seconds),
        sidecars=(sidecar, *beside.values()),
    )


def _sound(
    request: PortraitRequest, tts: TextToSpeech | None, progress: Progress, store: StageStore | None
) -> Soundtrack:
    if request.audio is not None:
        return listen(request.audio, progress)
    if tts is None:
        raise ProviderUnknown("no speech engine is given for the text. Name one.")
    return narrate(request, tts, progress) if store is None else recite(request, tts, store, progress)


def _cues(request: PortraitRequest, prepared: Prepared, soundtrack: Soundtrack) -> list[Cue]:
    """Cues whose lines fit the picture if they are drawn into it."""
    rules = CueRules(fps=request.fps)
    if SubtitleKind.BURN in request.subtitles:
        style = SubtitleStyle.for_picture(prepared.framing.width_px, prepared.framing.height_px)
        rules = replace(rules, line_characters=style.line_characters)
    return cues_from_words(soundtrack.words, soundtrack.sound.duration_s, rules)


def _files_beside(request: PortraitRequest) -> dict[SubtitleKind, Path]:
    kinds = (SubtitleKind.SRT, SubtitleKind.VTT)
    return {kind: request.output.with_suffix(f".{kind}") for kind in kinds if kind in request.subtitles}
