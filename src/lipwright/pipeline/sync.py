"""The route of `lipwright sync`: a video of somebody talking becomes a video of them saying something else.

Every stage that takes long is cut into windows that are kept on disk: the same command again goes on after the last
finished one, and gives the same bytes as an unbroken run.
"""

from collections.abc import Callable
from contextlib import closing

from lipwright.contracts.portrait import SYNTHETIC
from lipwright.contracts.progress import Progress
from lipwright.contracts.sidecar import sidecar_path
from lipwright.contracts.sync import SyncReport, SyncRequest
from lipwright.media.claim import claimed
from lipwright.media.footage import index_footage
from lipwright.media.join import join_segments
from lipwright.media.label import label_plate
from lipwright.media.length import frame_plan
from lipwright.media.output import check_writable
from lipwright.media.writer import Tags
from lipwright.motion.sound import MouthEngine
from lipwright.pipeline.clock import StageClock
from lipwright.pipeline.share import Share
from lipwright.pipeline.stages.cast import check_audio_track
from lipwright.pipeline.stages.describe_sync import describe_sync, drawn_frames, untouched
from lipwright.pipeline.stages.hear import hear
from lipwright.pipeline.stages.overlay import Overlay
from lipwright.pipeline.stages.redraw import Artist, Source, redraw
from lipwright.render.lipsync.base import LipSyncer
from lipwright.render.lipsync.presets import Knobs
from lipwright.speech.stt.base import SpeechToText
from lipwright.speech.tts.base import TextToSpeech
from lipwright.store.digest import file_digest
from lipwright.store.stages import StageStore


def sync(
    request: SyncRequest,
    *,
    tts: TextToSpeech | None,
    stt: Callable[[], SpeechToText],
    listener: MouthEngine,
    lipsync: Callable[[str, Knobs], LipSyncer],
    store: StageStore,
    progress: Progress,
    share: Share | None = None,
) -> SyncReport:
    """Make the video of a request.

    Args:
        tts: speaks the text; None for a request with a recording.
        stt: builds the engine that recognises words; called where they are wanted.
        listener: hears the mouth of a recording.
        lipsync: builds a lip-sync engine from its name and the preset's knobs.
        store: where finished windows are kept.
        share: which windows this run draws; None for all.

    Returns: what was made; the video and its sidecar are complete.
    Raises: InputError, ProviderError, OutputError, Cancelled: nothing is left under the output's name, and finished
        windows are kept. Partly: others draw the rest, and nothing is joined.
    """
    beside = sidecar_path(request.output)
    for path in (request.output, beside):
        check_writable(path)
    with claimed(request.output, beside):
        return _sync(request, tts, stt, listener, lipsync, store, progress, share)


def _sync(
    request: SyncRequest,
    tts: TextToSpeech | None,
    stt: Callable[[], SpeechToText],
    listener: MouthEngine,
    lipsync: Callable[[str, Knobs], LipSyncer],
    store: StageStore,
    progress: Progress,
    share: Share | None,
) -> SyncReport:
    clock = StageClock()
    progress.stage("prepare", None)
    artist = Artist(request, lipsync)
    with clock.stage("prepare"):
        video_digest = file_digest(request.video)
        footage = index_footage(request.video)
        check_audio_track(request)
    with clock.stage("listen" if request.audio else "speak"):
        recognises = artist.tuning.recognises if request.recognise is None else request.recognise
        driver = hear(
            request,
            tts,
            stt if recognises else None,
            footage.fps,
            listener=listener,
            store=store,
            progress=progress,
        )
    with closing(driver):
        redrawn = redraw(
            request,
            artist,
            Source(footage, video_digest),
            driver,
            frame_plan(footage.frame_count, footage.fps, driver.sound.duration_s, request.length),
            Overlay(label_plate(footage.width_px, footage.height_px, request.label) if request.label else None),
            store=store,
            progress=progress,
            clock=clock,
            share=share,
        )
        with clock.stage("join"):
            progress.stage("join", None)
            join_segments(
                request.output,
                [window.picture for window in redrawn.windows],
                fps=footage.fps,
                sound=driver.sound.chunks(),
                channels=driver.sound.channels,
                tags=Tags(metadata={"title": request.output.stem, "comment": SYNTHETIC}),
            )
    describe_sync(request.output, request.text or request.transcript or "", request.seed, redrawn)
    windows, chosen = redrawn.windows, redrawn.work.cast
    return SyncReport(
        output=request.output,
        duration_s=float(len(chosen) / footage.fps),
        frames=len(chosen),
        width_px=footage.width_px,
        height_px=footage.height_px,
        fps=footage.fps,
        rendered_frames=int(drawn_frames(windows).sum()),
        resumed_windows=sum(window.resumed for window in windows),
        speaker=chosen.explanation,
        untouched=untouched(chosen, windows),
        notes=(*footage.notes, *driver.notes, *redrawn.notes),
        stage_s=tuple(clock.seconds),
    )
