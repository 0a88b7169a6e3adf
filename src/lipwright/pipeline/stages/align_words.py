"""The times of recognised English words, found by the aligner once and kept."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lipwright import __version__
from lipwright.contracts.progress import Progress
from lipwright.contracts.speech import Transcript
from lipwright.media.spool import AudioSpool
from lipwright.pipeline.stages.recognise import TRANSCRIPT, read_transcript
from lipwright.remote.waiting import cancellable, watched
from lipwright.speech.stt.refined import ALIGNED, refined
from lipwright.store.key import StageKey
from lipwright.store.stages import StageStore, memoise


def align_words(heard: Transcript, sound: AudioSpool, store: StageStore, progress: Progress) -> Transcript:
    """Bring the English words to the sound again, unless an earlier run has done it.

    Args:
        sound: what the words were recognised in, mono.
    Raises: ProviderUnavailable: the aligner is missing. OutputNotWritable, DiskFull. Cancelled: also amid the work.
    """
    progress.stage("align", None)
    if not heard.said_in(ALIGNED):
        return heard

    def chunks() -> Iterator[NDArray[np.float32]]:
        for chunk in sound.chunks():
            progress.check_cancelled()
            yield chunk

    digest = hashlib.sha256()
    for chunk in chunks():
        digest.update(np.ascontiguousarray(chunk).data)
    told = json.dumps(asdict(heard), sort_keys=True)
    key = StageKey(
        "align",
        1,
        provider=f"pocketsphinx in {__version__}",
        inputs={"sound": digest.hexdigest(), "transcript": hashlib.sha256(told.encode("utf-8")).hexdigest()},
        parameters={"sample_rate_hz": sound.sample_rate_hz},
    )

    def make(folder: Path) -> None:
        with cancellable(progress.check_cancelled):
            found = watched(lambda: refined(heard, sound.chunks(), sound.sample_rate_hz))
        (folder / TRANSCRIPT).write_text(json.dumps(asdict(found)), encoding="utf-8")

    return read_transcript(memoise(store, key, make) / TRANSCRIPT)
