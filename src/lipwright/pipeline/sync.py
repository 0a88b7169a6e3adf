"""The route of `lipwright sync`: a video of somebody talking becomes a video of them saying something else.

Every stage that takes long is cut into windows that are kept on disk: the same command again goes on after the last
finished one, and gives the same bytes as an unbroken run.
"""

from collections.abc import Callable
from contextlib import closing
from dataclasses import asdict

import numpy as np

from lipwright.contracts.footage import Footage
from lipwright.contracts.portrait import SYNTHETIC
from lipwright.contracts.progress import Progress
from lipwright.contracts.sidecar import sidecar_path
from lipwright.contracts.sync import SyncReport, SyncRequest
from lipwright.media.claim import claimed
from lipwright.media.encoder import EncoderSettings
from lipwright.media.footage import index_footage
from lipwright.media.join import join_segments
from lipwright.media.label import label_plate
from lipwright.media.length import frame_plan
from lipwright.media.output import check_writable
from lipwright.media.writer import Tags
from lipwright.pipeline.clock import StageClock
from lipwright.pipeline.stages.animate import Animated, Work, animate
from lipwright.pipeline.stages.cast import Cast, cast, check_audio_track, choose
from lipwright.pipeline.stages.describe_sync import describe_sync, drawn_frames, untouched
from lipwright.pipeline.stages.hear import Driver, fitted, hear
from lipwright.pipeline.stages.meet import POOR_BANK_ENGINE, People
from lipwright.pipeline.stages.scan import scan
from lipwright.render.lipsync.base import LipSyncer
from lipwright.render.lipsync.presets import Knobs, preset_tuning
from lipwright.speech.stt.base import SpeechToText
from lipwright.speech.tts.base import TextToSpeech
from lipwright.store.digest import file_digest
from lipwright.store.stages import StageStore


def sync(
    request: SyncRequest,
    *,
    tts: TextToSpeech | None,
    stt: Callable[[], SpeechToText],
    lipsync: Callable[[str, Knobs], LipSyncer],
    store: StageStore,
    progress: Progress,
) -> SyncReport:
    """Make the video of a request.

    Args:
        tts: speaks the text; None for a request with a recording.
        stt: builds the engine that recognises words; called where they are wanted.
        lipsync: builds a lip-sync engine from its name and the preset's knobs.
        store: where finished windows are kept.

    Returns: what was made; the video and its sidecar are complete.
    Raises: InputError, ProviderError, OutputError, Cancelled: nothing is left under the output's name, and finished
        windows are kept.
    """
    beside = sidecar_path(request.output)
    for path in (request.output, beside):
        check_writable(path)
    with claimed(request.output, beside):
        return _sync(request, tts, stt, lipsync, store, progress)


def _sync(
    request: SyncRequest,
    tts: TextToSpeech | None,
    stt: Callable[[], SpeechToText],
    lipsync: Callable[[str, Knobs], LipSyncer],
    store: StageStore,
    progress: Progress,
) -> SyncReport:
    clock = StageClock()
    progress.stage("prepare", None)
    tuning = preset_tuning(request.preset)
    engine = request.engine or tuning.engine

    def build(name: str) -> LipSyncer:
        return lipsync(name, {**tuning.knobs, "seed": request.seed})

    build(engine)  # an unknown name is told before the long work begins
    with clock.stage("prepare"):
        video_digest = file_digest(request.video)
        footage = index_footage(request.video)
        check_audio_track(request)
    with clock.stage("listen" if request.audio else "speak"):
        recognises = tuning.recognises if request.recognise is None else request.recognise
        driver = hear(request, tts, stt if recognises else None, footage.fps, store, progress)
    with closing(driver):
        plan = frame_plan(footage.frame_count, footage.fps, driver.sound.duration_s, request.length)
        with clock.stage("find faces"):
            scanned = scan(footage, video_digest, int(plan.max()) + 1, store, progress)
        mouth = fitted(driver.mouth, len(plan))
        people = People(
            footage,
            scanned.faces,
            engine=engine,
            most_exemplars=tuning.most_exemplars,
            build=build,
        )
        chosen = cast(scanned.faces, choose(request, scanned.faces), plan, mouth, driver.loud)
        encoder = EncoderSettings(crf=tuning.crf, preset=tuning.x264_preset)
        work = Work(
            footage=footage,
            driver=driver,
            mouth=mouth,
            cast=chosen,
            people=people,
            tuning={**asdict(tuning), "seed": request.seed},
            encoder=encoder,
            label=label_plate(footage.width_px, footage.height_px, request.label) if request.label else None,
            digests={"video": video_digest, "scan": scanned.digest},
        )
        with clock.stage("animate"):
            windows = animate(work, store, progress)
        with clock.stage("join"):
            progress.stage("join", None)
            join_segments(
                request.output,
                [window.picture for window in windows],
                fps=footage.fps,
                sound=driver.sound.chunks(),
                channels=driver.sound.channels,
                tags=Tags(metadata={"title": request.output.stem, "comment": SYNTHETIC}),
            )
    describe_sync(request, work, scanned.faces, windows, engine)
    return SyncReport(
        output=request.output,
        duration_s=float(len(plan) / footage.fps),
        frames=len(plan),
        width_px=footage.width_px,
        height_px=footage.height_px,
        fps=footage.fps,
        rendered_frames=int(drawn_frames(windows).sum()),
        resumed_windows=sum(window.resumed for window in windows),
        speaker=chosen.explanation,
        untouched=untouched(chosen, windows),
        notes=_notes(footage, driver, chosen, people, engine, windows),
        stage_s=tuple(clock.seconds),
    )


def _notes(
    footage: Footage, driver: Driver, chosen: Cast, people: People, engine: str, windows: list[Animated]
) -> tuple[str, ...]:
    notes = [*footage.notes, *driver.notes]
    drawn = drawn_frames(windows)
    if not drawn.any():
        notes.append("no mouth was drawn: the picture is the video's own throughout")
    tracks = np.unique(chosen.track[drawn]).tolist()
    still = any(people.role(track).engine == POOR_BANK_ENGINE != engine for track in tracks)
    if still:
        notes.append("the mouth hardly moves in the video: it is drawn as in a photo, frame by frame")
    return tuple(notes)
