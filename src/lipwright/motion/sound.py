"""The mouth of somebody who is only heard: live from a microphone with 80 ms of sound ahead, or of any recording.

A recording is heard better (`RecordingToMouth`): with more sound ahead, and with an ear that knows many voices. Words
that are known give a better mouth still (`mouth_track`): their closures are certain, here they are heard.
"""

import math
from collections.abc import Iterable
from fractions import Fraction
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray

from lipwright.assets.packaged import read_asset
from lipwright.contracts.motion import MouthTrack
from lipwright.inference import load_onnxruntime
from lipwright.motion.clock import frame_count, frame_times
from lipwright.motion.curves import MouthCurves, joined
from lipwright.motion.features import HOP_SAMPLES, SAMPLE_RATE_HZ, SoundFeatures
from lipwright.motion.sound_decoder import OF_STREAMS, MouthDecoder, spoken_so_far
from lipwright.motion.stillness import Stillness
from lipwright.motion.timeline import PAUSE_RESTS_S, Interval

SOUND_FPS: Final = Fraction(50)
"""Frames a second of the network."""
LOOK_AHEAD_S: Final = 0.08
"""A frame needs the sound up to so long after it."""
_ASSET: Final = "motion/sound_to_mouth.onnx"
_CONTEXT_FRAMES: Final = 6
"""Features before the first one of a block that the network's convolutions hear."""
_BLOCK_SAMPLES: Final = 4 * HOP_SAMPLES
"""40 ms, two frames of mouth. Blocks never differ in size: chunks of any size give the same numbers."""
_EARLY_FRAMES: Final = 3
"""Outputs that come before time 0, because each one speaks of the past."""
_MEMORY: Final = 192
_FRAME_SAMPLES: Final = 2 * HOP_SAMPLES
_AHEAD_FRAMES: Final = round(LOOK_AHEAD_S * SAMPLE_RATE_HZ) // HOP_SAMPLES


class MouthEngine(Protocol):
    """Sound to mouth, at 50 frames a second: `SoundToMouth` as it comes, `RecordingToMouth` when it is all there."""

    def reset(self) -> None: ...

    def push(self, samples: NDArray[np.float32]) -> MouthCurves: ...

    def finish(self) -> MouthCurves: ...


class SoundToMouth:
    """One stream of sound to one stream of mouth, at 50 frames a second.

    Frame k shows time k / 50 and comes out as soon as the sound up to 80 ms behind it has filled its block of 40 ms.
    Engine: ONNX Runtime, MIT. Weights: the project's own, Apache-2.0, trained on synthetic speech
    (training/sound_to_mouth).
    """

    def __init__(self, threads: int = 1, *, network: bytes | None = None) -> None:
        """
        Args:
            threads: how many cores one call may use; one is enough for two hundred streams.
            network: an ONNX file of the same form instead of the packaged one.
        Raises: ProviderUnavailable: the packaged file is missing or damaged.
        """
        ort = load_onnxruntime()
        options = ort.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        self._session: Any = ort.InferenceSession(
            read_asset(_ASSET) if network is None else network, options, providers=["CPUExecutionProvider"]
        )
        self.reset()

    def reset(self) -> None:
        """Forget the stream: what is pushed next begins at time 0."""
        self._features = SoundFeatures()
        # The silence before the first sample.
        self._context = self._features.push(np.zeros(_CONTEXT_FRAMES * HOP_SAMPLES, np.float32))
        self._stillness = Stillness()
        self._still = np.ones(_CONTEXT_FRAMES, bool)
        self._waiting = np.zeros(0, np.float32)
        self._state = np.zeros((1, 1, _MEMORY), np.float32)
        self._decoder = MouthDecoder(float(1 / SOUND_FPS), OF_STREAMS)
        self._early = _EARLY_FRAMES
        self._samples = self._frames = 0

    def push(self, samples: NDArray[np.float32]) -> MouthCurves:
        """Hear more.

        Args:
            samples: mono at 16 kHz, -1 to 1, (n,); any n. `lipwright.media.audio` turns every other sound into this.
        Returns: the frames that are known now, often none; `.track(SOUND_FPS)` makes controls of them.
        """
        if samples.ndim != 1:
            raise ValueError(f"sound of shape {samples.shape}: mix it down to mono, (n,), first.")
        self._samples += len(samples)
        return self._advance(samples)

    def finish(self) -> MouthCurves:
        """End the stream: the frames whose 80 ms ahead are silence now. Begins anew at time 0.

        Returns: the frames that are left; with those of `push` there is one for each that begins before the end.
        """
        wanted = math.ceil(self._samples / _FRAME_SAMPLES) - self._frames
        missing = np.zeros((wanted + _EARLY_FRAMES) * _FRAME_SAMPLES + _BLOCK_SAMPLES, np.float32)
        rest = self._advance(missing)
        self.reset()
        return rest[:wanted]

    def _advance(self, samples: NDArray[np.float32]) -> MouthCurves:
        sound = np.concatenate([self._waiting, samples])
        whole = len(sound) // _BLOCK_SAMPLES * _BLOCK_SAMPLES
        self._waiting = sound[whole:]
        pieces = [self._hear(block) for block in sound[:whole].reshape(-1, _BLOCK_SAMPLES)]
        frames = joined([*pieces, MouthCurves.none()])
        self._frames += len(frames)
        return frames

    def _hear(self, block: NDArray[np.float32]) -> MouthCurves:
        """The frames that 40 ms of sound make known: two, but for the start."""
        fresh = self._features.push(block)
        features = np.concatenate([self._context, fresh])
        self._context = features[-_CONTEXT_FRAMES:]
        # An output speaks of the time before the frames ahead of it: if all of these are still, sound has ended.
        still = np.concatenate([self._still, self._stillness.push(fresh)])
        self._still = still[-_CONTEXT_FRAMES:]
        ended = np.lib.stride_tricks.sliding_window_view(still, _AHEAD_FRAMES)[::2].all(axis=1)
        inputs = {"features": features[None], "state": self._state}
        visemes, curves, self._state = self._session.run(None, inputs)
        frames = self._decoder.push(visemes[0], curves[0], spoken_so_far(visemes[0], np.asarray(ended)))
        skipped = min(self._early, len(frames))
        self._early -= skipped
        return frames[skipped:]


def mouth_track_from_sound(
    chunks: Iterable[NDArray[np.float32]], sample_rate_hz: int, fps: Fraction, *, engine: MouthEngine
) -> MouthTrack:
    """The mouth of a recording.

    Args:
        chunks: mono, -1 to 1, (n,) each; read once, in pieces, so that an hour needs little memory.
        sample_rate_hz: of the chunks; `read_audio` of media gives any file at any rate and mixed down.
        fps: frames per second of the track.
        engine: its stream begins anew. A `RecordingToMouth` hears recordings best.
    Returns: a track with one frame for each frame that begins before the sound's end; as in `mouth_track`, gap and all
        controls are exactly 0 in silence, gap is 0 and closed is 1 where p, b or m are heard.
    Raises: ProviderUnavailable: a file of the engine is missing or damaged. OutputNotWritable, DiskFull: its cache.
        ValueError: a chunk is not mono.
    """
    from lipwright.media.audio import resample

    engine.reset()
    samples = 0

    def counted() -> Iterable[NDArray[np.float32]]:
        nonlocal samples
        for chunk in chunks:
            if chunk.ndim != 1:
                raise ValueError(f"sound of shape {chunk.shape}: mix it down to mono, (n,), first.")
            samples += len(chunk)
            yield chunk

    pieces = [engine.push(chunk) for chunk in resample(counted(), sample_rate_hz, SAMPLE_RATE_HZ)]
    curves = joined([*pieces, engine.finish()])
    return at_rate(curves, frame_count(samples / sample_rate_hz, fps), fps).track(fps)


def at_rate(curves: MouthCurves, frames: int, fps: Fraction) -> MouthCurves:
    """Curves of 50 frames a second at another rate.

    Lips are as shut in a frame as at the moment next to it when they are most so: slow rates show every closure.
    """
    if len(curves) == 0:
        curves = MouthCurves.none(1)
    moments = frame_times(0, len(curves), SOUND_FPS)
    times = frame_times(0, frames, fps)
    reach_s = max(0.5 / float(fps) - 0.5 / float(SOUND_FPS), 0.0)
    around = np.linspace(-reach_s, reach_s, 2 * math.ceil(reach_s * float(SOUND_FPS)) + 1)
    shut = np.max([np.interp(times + shift_s, moments, curves.shut) for shift_s in around], axis=0)
    opening, width, height, awake = (
        np.interp(times, moments, values) for values in (curves.opening, curves.width, curves.height, curves.awake)
    )
    return MouthCurves(opening, width, height, shut, awake)


def speech_spans(track: MouthTrack) -> tuple[Interval, ...]:
    """When somebody speaks: the stretches of a track that rests part.

    Returns: in order of time; the mouth is shut outside of them, and for less than 0.26 s at a time inside.
    """
    frame_s = 1.0 / float(track.fps)
    spans: list[Interval] = []
    for frame in np.flatnonzero(track.gap > 0.0):
        start_s, end_s = float(frame) * frame_s, float(frame + 1) * frame_s
        if spans and start_s - spans[-1].end_s < PAUSE_RESTS_S:
            spans[-1] = Interval(spans[-1].start_s, end_s)
        else:
            spans.append(Interval(start_s, end_s))
    return tuple(spans)
