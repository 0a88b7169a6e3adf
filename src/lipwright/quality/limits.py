"""What a video by Lipwright has to reach. Lengths named IOD are parts of the distance between the outer eye corners."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Beyond these a figure fails, or warns where its line says so."""

    gap_correlation: float = 0.95
    """Of the lips found in the file with the lips that were drawn, at least."""
    closed_mean_iod: float = 0.004
    """Gap over all frames in which the lips have to touch, at most."""
    closed_largest_iod: float = 0.012
    """Gap of the worst of them; wider is open to a viewer's eye."""
    vowel_least_iod: float = 0.015
    """A vowel's gap, at least at its widest."""
    vowels_open: float = 0.85
    """Share of vowels that reach it: a warning. Close vowels between two bilabials hardly do in life either."""
    rest_speed_iod_s: float = 0.1
    """How fast the gap may change while nobody speaks: a warning. The tracker's own noise is about 0.02."""
    sharpness: tuple[float, float] = (0.90, 1.15)
    """Of the video to the photo, both at the video's size."""
    softest_frame: float = 0.5
    """Of the median sharpness: a frame below it is a warning."""
    flicker_grey_levels: float = 4.0
    """Median change of the skin from frame to frame: a warning. Real clips have 0.9 to 2.4."""
    outside_mean_grey_levels: float = 0.5
    """Change beside the person against the first frame; compression alone stays below."""
    outside_largest_grey_levels: float = 4.0
    """Of any 8 x 8 block in any frame."""
    av_offset_ms: float = 20.0
    av_estimate_ms: float = 120.0
    """When only levels tell what is said, the offset is known this well at best: a warning beyond it."""
    loudness_lufs: float = -16.0
    loudness_tolerance_lu: float = 1.0
    true_peak_dbtp: float = -1.2
    """-1.5 dBTP before encoding; AAC adds up to 0.3."""
    longest_freeze_s: float = 0.25
    """Equal frames in a row: a warning."""


@dataclass(frozen=True, slots=True)
class SyncLimits:
    """What a video made of another video has to reach, beyond `Limits`."""

    gap_correlation: float = 0.95
    """Of the lips found in the file with the lips that were drawn, at least."""
    heard_correlation: float = 0.4
    """With what the sound alone asks for, where no sidecar tells: a warning below. Such guesses reach .6 at best."""
    closed_mean_iod: float = 0.003
    closed_largest_iod: float = 0.010
    rest_speed_iod_s: float = 0.1
    """How fast the gap may change while nobody speaks: a warning."""
    mouth_motion: tuple[float, float] = (0.7, 1.4)
    """Spread of the gaps found to that of the gaps drawn: less is a mouth that stopped."""
    lag_ms: float = 20.0
    heard_lag_ms: float = 60.0
    """Where only the sound tells what the lips should do: a warning beyond it."""
    drift_ms: float = 20.0
    """From the start to the end."""
    faces: float = 1.0
    """Share of the frames whose source has the face in which it is found again."""
    outside_grey_levels: float = 0.5
    """Change around the mask, more than in like places far from the face. What is not encoded changes by 0."""
    outside_worst_grey_levels: float = 6.0
    """Of one block around the mask, more than encoding may do."""
    far_grey_levels: float = 1.5
    """Far from the face: a warning. Encoding at usual quality changes blocks by .1 to .5."""
    sharpness: tuple[float, float] = (0.95, 1.10)
    """Of lips and skin about the mouth to the source's."""
    grain: tuple[float, float] = (0.75, 1.25)
    """A warning beyond. Encoders take up to a fifth of a source's grain away."""
    energy: tuple[float, float] = (0.90, 1.10)
    """Of the change from frame to frame to the source's, at like motion of the mouth: a warning, and a failure where
    it is outside by more than twice its standard error."""
    flicker_grey_levels: float = 0.6
    """How much the brightness of the skin about the mouth trembles against the source: a warning."""
    form_iod: float = 0.01
    """Of eyes, brows and nose against the source: a warning."""
    colour_cie: float = 3.0
    """Of the skin about the mouth against the source; 2.3 is just noticeable side by side: a warning."""
    cpbd: tuple[float, float] = (0.90, 1.15)
    """To the source's: a warning."""
    vmaf_outside: float = 93.0
    """Around the mouth. 6 points are one just noticeable difference: a warning."""
