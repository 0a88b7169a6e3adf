"""Measures a video that was made of another video: against that source, and against the sound that drove it."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

import numpy as np

from lipwright.contracts.footage import Footage
from lipwright.contracts.media import Clip
from lipwright.contracts.progress import Progress, SilentProgress
from lipwright.errors import MediaUnreadable
from lipwright.media.probe import open_media, probe, timeline_start_s
from lipwright.motion.sound import MouthEngine
from lipwright.quality.asked import Asked, asked_of
from lipwright.quality.check import sidecar_of, sound_start_s
from lipwright.quality.clock import FrameClock
from lipwright.quality.comparison import Comparison, compare
from lipwright.quality.driver import Driver, hear_driver
from lipwright.quality.evidence import Evidence
from lipwright.quality.judge_driver import judge_driver, judge_syncnet
from lipwright.quality.judge_lips import judge_lips
from lipwright.quality.judge_source import judge_source
from lipwright.quality.judge_time import judge_time
from lipwright.quality.limits import Limits, SyncLimits
from lipwright.quality.mouth import Floats
from lipwright.quality.pairs import Pairing, footage_of
from lipwright.quality.report import Metric, QualityReport, Verdict
from lipwright.quality.sound import listen
from lipwright.quality.sweep import Sweep
from lipwright.quality.syncnet import SyncNetMeter


@dataclass(frozen=True, slots=True)
class SyncCheck:
    """The report, and what it was made from."""

    report: QualityReport
    compared: Comparison
    asked: Asked
    driver: Driver | None
    limits: SyncLimits

    @property
    def times_s(self) -> Floats:
        """When each frame is seen."""
        return np.arange(len(self.compared.ledger)) / float(self.compared.pairing.shown.fps)


def check_sync(
    path: Path,
    *,
    against: Path,
    listener: MouthEngine,
    driver: Path | None = None,
    sidecar: Path | None = None,
    syncnet: Path | None = None,
    progress: Progress | None = None,
    limits: SyncLimits | None = None,
) -> SyncCheck:
    """Measure a video with a rewritten mouth. Frames stream: about 100 bytes of each are kept.

    Args:
        against: the video that it was made of.
        listener: hears what the driving sound asks for.
        driver: the sound that the mouth was to follow.
        sidecar: what was drawn when; None takes the file beside the video, if there is one. Without any, frames are
            paired by time, and the lips are held against what the driving sound asks for.
        syncnet: the user's SyncNet weights, see syncnet.SyncNetMeter.
        limits: what the figures are held against; None for what Lipwright promises.
    Raises:
        MediaNotFound: one of the files does not exist.
        MediaUnreadable: one of them is damaged, or has not the picture or the sound that it should.
        ProviderUnavailable: the SyncNet file is none, or a model that listens is missing.
        OutputNotWritable, DiskFull: the folder of that model.
        Cancelled.
    """
    told, held = progress or SilentProgress(), limits or SyncLimits()
    described, used = sidecar_of(path, sidecar)
    clip = probe(path)
    if clip.video is None or probe(against).video is None:
        silent = path if clip.video is None else against
        raise MediaUnreadable(f"`{silent}`: has no picture, only sound. Name a video.")
    told.stage("listen", None)
    shown = footage_of(path)
    wants_mouth = described is None or described.rewritten is None
    heard = hear_driver(driver, shown.fps, listener=listener if wants_mouth else None) if driver is not None else None
    sound = listen(path, clip.audio[0].channels) if clip.audio else None
    meter = _syncnet(syncnet, clip, shown)
    pairing = Pairing(shown, footage_of(against), described.rewritten if described is not None else None)
    told.stage("compare", shown.frame_count)
    compared = compare(pairing, described, told, meter)
    times_s = np.arange(len(compared.ledger)) / float(shown.fps)
    asked = asked_of(times_s, described, heard)
    evidence = Evidence(
        clip=clip,
        video=clip.video,
        sweep=_sweep(compared, asked, clip.video.fps),
        sound=sound,
        sound_start_s=sound_start_s(path) if clip.audio else None,
        sidecar=described,
        source=None,
        reference=None,
        picture_start_s=_picture_start_s(path, shown),
    )
    metrics = (
        *_time(evidence, pairing, driven=heard is not None),
        *judge_driver(evidence, heard, held),
        *judge_lips(compared, asked, held),
        *judge_source(compared, asked, held),
        *judge_syncnet(meter),
    )
    report = QualityReport(path=path, sidecar=used, source=against, metrics=metrics)
    return SyncCheck(report, compared, asked, heard, held)


def _time(evidence: Evidence, pairing: Pairing, *, driven: bool) -> Iterator[Metric]:
    """Size, duration, rate and sound; the loudness is the user's own, and has no limit."""
    for metric in judge_time(evidence, Limits()):
        if metric.key in {"loudness", "true_peak"} and metric.value is not None:
            yield replace(metric, limit="", verdict=Verdict.OK)
        elif metric.key in {"av_start", "av_end"} and evidence.sidecar is None and metric.verdict is Verdict.FAIL:
            # Lipwright's own videos end with their sound; of another maker's this is only worth a look.
            yield replace(metric, verdict=Verdict.WARN)
        elif metric.key == "size" and not pairing.same_size:
            origin = pairing.origin
            note = f"{metric.note}; the source has {origin.width_px}x{origin.height_px}"
            yield replace(metric, limit=f"{origin.width_px}x{origin.height_px}", verdict=Verdict.WARN, note=note)
        elif metric.key == "av_offset" and driven and evidence.sidecar is None and metric.value is not None:
            yield replace(metric, verdict=Verdict.OK, limit="", note=f"{metric.note}; lag against the driver is better")
        else:
            yield metric


def _sweep(compared: Comparison, asked: Asked, fps: Fraction) -> Sweep:
    """What the verdicts on time need of the pass; frames that were not drawn have no say in the lag of the lips."""
    shown = compared.pairing.shown
    clock = FrameClock(fps)
    for stamp in shown.pictures.stamps:
        clock.tick(int(stamp) * shown.pictures.time_base_s)
    frames = len(compared.ledger)
    unknown = np.full(frames, np.nan)
    return Sweep(
        times_s=np.arange(frames) / float(shown.fps),
        step_s=clock.step_s,
        jitter_s=clock.jitter_s,
        gap=np.where(asked.drawn, compared.column("gap"), np.nan),
        eye_distance_px=compared.column("eye_distance"),
        face_sharpness=unknown,
        mouth_sharpness=unknown,
        flicker=unknown,
        brightness=unknown,
        faces=(),
        black_frames=0,
        repeated_frames=0,
        longest_repeat=0,
        outside_share=0.0,
        outside_from="",
        outside_mean=0.0,
        outside_largest=0.0,
        first_mesh=None,
    )


def _picture_start_s(path: Path, shown: Footage) -> float:
    with open_media(path) as container:
        return float(int(shown.pictures.stamps[0]) * shown.pictures.time_base_s - timeline_start_s(container))


def _syncnet(network: Path | None, clip: Clip, shown: Footage) -> SyncNetMeter | None:
    if network is None:
        return None
    from lipwright.media.audio import read_audio
    from lipwright.quality.mfcc import SAMPLE_RATE_HZ, mfcc

    if not clip.audio:
        raise MediaUnreadable(f"`{clip.path}`: has no sound, which --syncnet needs. Leave it out.")
    return SyncNetMeter(network, mfcc(read_audio(clip.path, SAMPLE_RATE_HZ)), Fraction(shown.fps))
