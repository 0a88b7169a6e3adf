"""What a video cannot tell of itself is written beside it."""

from pathlib import Path

from lipwright import __version__
from lipwright.contracts.face import FaceMesh
from lipwright.contracts.portrait import PortraitRequest
from lipwright.contracts.sidecar import PixelBox, Sidecar, sidecar_path
from lipwright.media.sidecar import write_sidecar
from lipwright.pipeline.stages.move import Motion
from lipwright.pipeline.stages.prepare import Prepared
from lipwright.pipeline.stages.render import Rendered
from lipwright.pipeline.stages.soundtrack import Soundtrack


def describe(
    request: PortraitRequest, prepared: Prepared, soundtrack: Soundtrack, motion: Motion, rendered: Rendered
) -> Path:
    """Write the sidecar of a finished video; returns its path."""
    duration_s = float(len(rendered.gap) / request.fps)
    sidecar = Sidecar(
        lipwright=__version__,
        source=request.face.name,
        text=request.text or "",
        language=soundtrack.language,
        engine=soundtrack.engine,
        voice=soundtrack.voice,
        seed=request.seed,
        fps=request.fps,
        width_px=prepared.framing.width_px,
        height_px=prepared.framing.height_px,
        duration_s=duration_s,
        phonemes=soundtrack.phonemes,
        words=soundtrack.words,
        silences=motion.silences,
        gap=tuple(rendered.gap.tolist()),
        closed=tuple(rendered.closed.tolist()),
        eye_distance_px=prepared.portrait.eye_distance_px,
        face_box=_face_box(prepared.mesh),
        person_box=_pixel_box(prepared.portrait.person_box),
        overlays=rendered.overlays,
    )
    path = sidecar_path(request.output)
    write_sidecar(path, sidecar)
    return path


def _face_box(mesh: FaceMesh) -> PixelBox:
    low, high = mesh.points[:, :2].min(axis=0), mesh.points[:, :2].max(axis=0)
    return _pixel_box((int(low[0]), int(low[1]), int(high[0]) + 1, int(high[1]) + 1))


def _pixel_box(edges: tuple[int, int, int, int]) -> PixelBox:
    left, top, right, bottom = edges
    return PixelBox(left=left, top=top, right=right, bottom=bottom)
