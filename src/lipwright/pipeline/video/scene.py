"""One scene is drawn and encoded, once: the person before their background, cut-aways, captions and label."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lipwright.contracts.media import Cue
from lipwright.contracts.portrait import SubtitleKind
from lipwright.contracts.progress import Progress
from lipwright.contracts.story import Story
from lipwright.media.burn import SubtitlePlates, SubtitleStyle
from lipwright.media.cues import CueRules, cues_from_words
from lipwright.media.label import label_plate
from lipwright.media.plate import blend
from lipwright.media.scenes import SceneFiles, encode_scene, load_scene
from lipwright.media.writer import VideoFormat
from lipwright.pipeline.stages.overlay import Overlay
from lipwright.pipeline.stages.present import Presenter
from lipwright.pipeline.stages.soundtrack import Soundtrack
from lipwright.pipeline.video.cast import Canvas, Cast, Stand
from lipwright.pipeline.video.material import Material
from lipwright.pipeline.video.request import VideoRequest
from lipwright.render.broll.cut_away import open_cut_away
from lipwright.render.enhance.base import Enhancer
from lipwright.render.enhance.region import mouth_in
from lipwright.store.key import StageKey
from lipwright.store.stages import StageStore, memoise
from lipwright.story.timing import frame_of

SCENE_VERSION = 1
FACTS = "scene.json"


@dataclass(frozen=True, slots=True)
class Shot:
    """All that one scene is made of."""

    stand: Stand
    head_frames: int
    tail_frames: int
    captions: bool


@dataclass(frozen=True, slots=True)
class DrawnScene:
    """A finished scene."""

    files: SceneFiles
    advice: tuple[str, ...]
    resumed: bool
    """An earlier run had made it."""


def shots_of(story: Story, material: Sequence[Material], request: VideoRequest) -> list[Shot]:
    """Lay out the scenes of a story with exact times."""
    fps = request.fps
    dissolves = [frame_of(scene.transition.duration_s, fps) if scene.transition else 0 for scene in story.scenes]
    dissolves[0] = 0
    always = SubtitleKind.BURN in request.subtitles
    return [
        Shot(
            Stand(scene, material[number], number),
            dissolves[number],
            dissolves[number + 1] if number + 1 < len(dissolves) else 0,
            (story.captions or always) if scene.captions is None else scene.captions,
        )
        for number, scene in enumerate(story.scenes)
    ]


def canvas_of(request: VideoRequest) -> Canvas:
    """The frames that a request wants."""
    return Canvas(*request.size, request.fps, request.seed)


def draw_scene(
    shot: Shot,
    track: Soundtrack,
    cast: Cast,
    request: VideoRequest,
    enhancer: Enhancer,
    store: StageStore,
    progress: Progress,
) -> DrawnScene:
    """Make a scene, or find it as an earlier run has made it.

    Args:
        track: as long as the scene.
    Raises: FaceError, MediaError, ProviderError, OutputError, Cancelled: finished scenes are kept.
    """
    frames = frame_of(shot.stand.scene.duration_s, request.fps)
    overlay = _overlay(shot, track, request)
    key = StageKey(
        "scene",
        SCENE_VERSION,
        provider=f"{enhancer.capability.name} {enhancer.version}",
        inputs={
            **shot.stand.material.digests(),
            "sound": _digest(track),
            "overlay": overlay.digest(Fraction(0), frames / request.fps),
        },
        parameters={
            "framing": shot.stand.scene.framing,
            "place": shot.stand.scene.place,
            "person": cast.facts(shot.stand),
            "background": shot.stand.material.background.model_dump_json(),
            "cut-aways": [(cut.start_frame, cut.frames) for cut in shot.stand.material.shown],
            "frames": [frames, shot.head_frames, shot.tail_frames],
            "size": request.size,
            "fps": request.fps,
            "seed": request.seed,
        },
    )

    def make(folder: Path) -> None:
        presenter = cast.presenter(shot.stand, canvas_of(request), frames, track)
        progress.stage("draw", frames)
        encode_scene(
            _Pictures(shot, request, overlay, enhancer, progress).of(presenter, frames),
            folder,
            VideoFormat(*request.size, request.fps),
            frame_count=frames,
            head_frames=shot.head_frames,
            tail_frames=shot.tail_frames,
        )
        (folder / FACTS).write_text(json.dumps({"advice": presenter.advice}), encoding="utf-8")

    stored = store.get(key)
    folder = stored or memoise(store, key, make)
    facts = json.loads((folder / FACTS).read_text(encoding="utf-8"))
    return DrawnScene(load_scene(folder), tuple(facts["advice"]), resumed=stored is not None)


class _Pictures:
    """The frames of a scene, one after the other."""

    def __init__(
        self, shot: Shot, request: VideoRequest, overlay: Overlay, enhancer: Enhancer, progress: Progress
    ) -> None:
        self._shot = shot
        self._request = request
        self._overlay = overlay
        self._enhancer = enhancer
        self._progress = progress

    def of(self, presenter: Presenter, frames: int) -> Iterator[NDArray[np.uint8]]:
        """Draw them; where a cut-away covers the person, the person is not drawn."""
        wanted = np.ones(frames, np.bool_)
        for cut in self._shot.stand.material.shown:
            wanted[cut.start_frame : cut.start_frame + cut.frames] = False
        covers = self._covers()
        for index, drawn in enumerate(presenter.frames(wanted.tolist())):
            self._progress.check_cancelled()
            image = next(covers) if drawn is None else self._enhancer.enhance(drawn, mouth_in(presenter.face_box))
            for plate in self._overlay.plates_at(float(index / self._request.fps)):
                blend(image, plate)
            yield image
            self._progress.advance(1)

    def _covers(self) -> Iterator[NDArray[np.uint8]]:
        for number, cut in enumerate(self._shot.stand.material.shown):
            seed = self._request.seed + number
            yield from open_cut_away(cut.path, *self._request.size, self._request.fps, cut.frames, seed, name=cut.name)


def _overlay(shot: Shot, track: Soundtrack, request: VideoRequest) -> Overlay:
    """Captions and label of a scene, in its own time."""
    width, height = request.size
    label = label_plate(width, height, request.label) if request.label else None
    cues = captions(track, request) if shot.captions else []
    return Overlay(label, tuple(cues), SubtitlePlates(cues, width, height) if cues else None)


def captions(track: Soundtrack, request: VideoRequest) -> list[Cue]:
    """What is said in a scene, as subtitles that fit the picture."""
    style = SubtitleStyle.for_picture(*request.size)
    rules = CueRules(fps=request.fps, line_characters=style.line_characters)
    return cues_from_words(track.words, track.sound.duration_s, rules)


def _digest(track: Soundtrack) -> str:
    """Of all that moves the mouth."""
    seen = hashlib.sha256(repr((track.phonemes, track.words)).encode())
    if track.emphasis is not None:
        seen.update(track.emphasis.tobytes())
    for chunk in track.sound.chunks():
        seen.update(chunk.tobytes())
    return seen.hexdigest()
