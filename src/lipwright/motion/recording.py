"""The mouth of somebody in a recording, heard through Whisper's ear: it may listen ahead, and knows many voices."""

import math
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from lipwright.assets.packaged import read_asset
from lipwright.inference import load_onnxruntime
from lipwright.motion.curves import MouthCurves, joined
from lipwright.motion.features import HOP_SAMPLES, SoundFeatures
from lipwright.motion.sound_decoder import OF_RECORDINGS, MouthDecoder, spoken_in
from lipwright.motion.stillness import Stillness
from lipwright.motion.timeline import PAUSE_RESTS_S
from lipwright.speech.ear import SAMPLE_RATE_HZ, STATE_SAMPLES, Ear

_ASSET: Final = "motion/recording_to_mouth.onnx"
_BESIDE_FRAMES: Final = 100
"""2 s before what is taken of a piece, and behind it, that are heard with it."""
_TAKEN_FRAMES: Final = 400
"""8 s. Pieces lie at whole multiples of this from the first sample, whatever chunks the sound comes in."""
_PIECE_SAMPLES: Final = (_TAKEN_FRAMES + 2 * _BESIDE_FRAMES) * STATE_SAMPLES
_TAKEN_SAMPLES: Final = _TAKEN_FRAMES * STATE_SAMPLES
_HOPS: Final = STATE_SAMPLES // HOP_SAMPLES
"""Features in a frame."""
_AHEAD_HOPS: Final = 8
"""If all of so many features are still, sound has ended."""
_FRAME_S: Final = STATE_SAMPLES / SAMPLE_RATE_HZ
_PAUSE_FRAMES: Final = round(PAUSE_RESTS_S / _FRAME_S)
"""A mouth does not close in a shorter pause, as where words are known."""
_SPEECH_FRAMES: Final = 6
"""Nobody says anything in less than a tenth of a second."""


class RecordingToMouth:
    """One recording to one mouth, at 50 frames a second.

    Frame k shows time k / 50. The sound is heard in pieces of 12 s, of which the middle 8 s are taken, so that memory
    does not grow. Its models are loaded when it first hears a piece. Engine: ONNX Runtime, MIT. Weights: the project's
    own, Apache-2.0, trained on synthetic speech as Whisper hears it (training/sound_to_mouth).
    """

    def __init__(self, ear: Ear | None = None, *, network: bytes | None = None) -> None:
        """
        Args:
            ear: one that joins its model in a folder of its own; None for the user's cache folder.
            network: an ONNX file of the same form instead of the packaged one.
        """
        self._network = network
        self._session: Any = None
        self._ear = Ear() if ear is None else ear
        self.reset()

    def reset(self) -> None:
        """Forget the recording: what is pushed next begins at time 0."""
        self._waiting = [np.zeros(_BESIDE_FRAMES * STATE_SAMPLES, np.float32)]
        self._waiting_samples = len(self._waiting[0])
        self._features, self._stillness = SoundFeatures(), Stillness()
        self._still = np.ones(_PAUSE_FRAMES * _HOPS, bool)
        self._decoder = MouthDecoder(_FRAME_S, OF_RECORDINGS)
        self._samples = self._frames = 0

    def push(self, samples: NDArray[np.float32]) -> MouthCurves:
        """Hear more.

        Args:
            samples: mono at 16 kHz, -1 to 1, (n,); any n.
        Returns: the frames that are known now: 8 s of them, or none.
        Raises: ProviderUnavailable: Whisper, or the packaged file, is missing or damaged. OutputNotWritable, DiskFull.
        """
        if samples.ndim != 1:
            raise ValueError(f"sound of shape {samples.shape}: mix it down to mono, (n,), first.")
        self._samples += len(samples)
        return self._advance(samples)

    def finish(self) -> MouthCurves:
        """End the recording; silence follows it. Begins anew at time 0.

        Returns: the frames that are left; with those of `push` there is one for each that begins before the end.
        Raises: as `push`.
        """
        wanted = math.ceil(self._samples / STATE_SAMPLES) - self._frames
        missing = (math.ceil(wanted / _TAKEN_FRAMES) - 1) * _TAKEN_SAMPLES + _PIECE_SAMPLES - self._waiting_samples
        rest = self._advance(np.zeros(missing, np.float32)) if wanted else MouthCurves.none()
        self.reset()
        return rest[:wanted]

    def _advance(self, samples: NDArray[np.float32]) -> MouthCurves:
        still = self._stillness.push(self._features.push(samples))
        self._still = np.concatenate([self._still, still])
        self._waiting.append(samples)
        self._waiting_samples += len(samples)
        if self._waiting_samples < _PIECE_SAMPLES:
            return MouthCurves.none()
        sound = np.concatenate(self._waiting)
        pieces: list[MouthCurves] = []
        while len(sound) >= _PIECE_SAMPLES:
            pieces.append(self._hear(sound[:_PIECE_SAMPLES]))
            sound = sound[_TAKEN_SAMPLES:]
        self._waiting, self._waiting_samples = [sound], len(sound)
        self._frames += sum(len(piece) for piece in pieces)
        return joined(pieces)

    def _hear(self, piece: NDArray[np.float32]) -> MouthCurves:
        """The frames in the middle of a piece."""
        taken = slice(_BESIDE_FRAMES, _BESIDE_FRAMES + _TAKEN_FRAMES)
        if self._session is None:
            self._session = _load(read_asset(_ASSET) if self._network is None else self._network)
        visemes, curves = self._session.run(None, {"states": self._ear.hear(piece)[None]})
        near = slice(taken.start - _PAUSE_FRAMES, taken.stop + _PAUSE_FRAMES)
        hops = (near.stop - near.start) * _HOPS
        ahead = np.lib.stride_tricks.sliding_window_view(self._still[: hops + _AHEAD_HOPS - 1], _AHEAD_HOPS)
        ended = np.asarray(ahead[::_HOPS].all(axis=1))
        spoken = spoken_in(visemes[0, near], ended, least_pause=_PAUSE_FRAMES, least_speech=_SPEECH_FRAMES)
        self._still = self._still[_TAKEN_FRAMES * _HOPS :]
        return self._decoder.push(visemes[0, taken], curves[0, taken], spoken[_PAUSE_FRAMES:-_PAUSE_FRAMES])


def _load(network: bytes) -> Any:
    ort = load_onnxruntime()
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    return ort.InferenceSession(network, options, providers=["CPUExecutionProvider"])
