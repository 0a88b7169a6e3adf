"""The picture of a video gets a new mouth, in two stages: who is seen in it, and the windows, drawn in parts."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

from lipwright.contracts.route import Divided, StageWork
from lipwright.contracts.sync import SyncRequest
from lipwright.motion.sound import MouthEngine
from lipwright.pipeline.service.attempt import PartProgress, made, plainly
from lipwright.pipeline.service.parts import bring, ended, share_of
from lipwright.pipeline.share import Partly, Share
from lipwright.pipeline.sync import sync
from lipwright.render.lipsync.base import LipSyncer
from lipwright.render.lipsync.presets import Knobs
from lipwright.speech.stt.base import SpeechToText
from lipwright.speech.tts.base import TextToSpeech
from lipwright.store.stages import StageStore

FACES = "faces"
"""The stage that hears the words, and finds the faces of the video."""
FINDS_FACES = "find faces"
"""What the work calls the part by which the progress of that stage is told."""
WINDOWS, LEAST_WINDOWS = "windows", 3
"""Of about ten seconds each, that a part draws."""


def picture(
    work: StageWork,
    request: SyncRequest,
    *,
    tts: TextToSpeech | None,
    stt: Callable[[], SpeechToText],
    listener: MouthEngine,
    lipsync: Callable[[str, Knobs], LipSyncer],
    store: StageStore,
) -> Mapping[str, Path] | Divided:
    """Do one of the two stages, or a part of the second.

    Raises: InputError, ProviderError, OutputError, StorageFailed, Cancelled.
    """
    looks = work.stage == FACES
    share = Share(range(0)) if looks else share_of(work, LEAST_WINDOWS)
    with plainly(work):
        brought = bring(work, store)
        with suppress(Partly):
            sync(
                request,
                tts=tts,
                stt=stt,
                listener=listener,
                lipsync=lipsync,
                store=store,
                progress=PartProgress(work.progress, FINDS_FACES if looks else "animate"),
                share=share,
            )
            return made(work)
        return ended(work, share, WINDOWS, store, brought)
