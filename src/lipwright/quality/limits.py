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
