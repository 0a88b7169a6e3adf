"""What a video of scenes is made with."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from lipwright.contracts.progress import Progress
from lipwright.contracts.sync import Preset
from lipwright.pipeline.avatar.bank import knowing
from lipwright.pipeline.avatar.figure import Figure
from lipwright.pipeline.avatar.kept_scan import restore_scan
from lipwright.pipeline.stages.clip_person import ClipPerson, load_clip
from lipwright.pipeline.video.cast import Cast, ClipCast, PhotoCast
from lipwright.pipeline.video.request import VideoEngines
from lipwright.render.broll.library import Library
from lipwright.render.lipsync.base import LipSyncer
from lipwright.render.lipsync.presets import Knobs
from lipwright.settings import Settings
from lipwright.store.digest import file_digest
from lipwright.store.stages import StageStore
from lipwright.wiring.capabilities import ENHANCE, IMAGE, MATTE, STORYBOARD
from lipwright.wiring.engines import build_lipsyncer, build_listener, choose_tts

if TYPE_CHECKING:
    pass


def video_engines(settings: Settings, *, tts: str | None = None, enhance: str | None = None) -> VideoEngines:
    """The builders of the engines of a video of scenes.

    Args:
        tts: a speech engine's name in the registry; None for the one that has the voice.
        enhance: an enhancement engine's name; None for the settings' own.
    """
    return VideoEngines(
        tts=lambda voice: choose_tts(tts, voice, settings),
        storyboarder=lambda: STORYBOARD.build(settings.storyboard, settings),
        image=lambda: IMAGE.build(settings.image, settings) if settings.image else None,
        enhancer=lambda: ENHANCE.build(enhance or settings.enhance, settings),
        library=lambda: Library(settings.library_dir) if settings.library_dir else None,
    )


def build_cast(figure: Figure, settings: Settings, store: StageStore, progress: Progress, *, seed: int = 0) -> Cast:
    """Who is seen in a video of scenes.

    Raises: MediaError, FaceError; ProviderUnknown, ProviderUnavailable.
    """
    listener = build_listener(settings)
    if not figure.is_clip:
        if figure.avatar is not None and figure.library is not None:
            return PhotoCast.of_avatar(figure.avatar, figure.library, listener=listener)
        return PhotoCast.of_photo(figure.face, figure.face_index, listener=listener)
    lipsync = clip_lipsync(figure, settings, store)
    engine = settings.lipsync or None

    def load() -> ClipPerson:
        return load_clip(
            figure.face,
            preset=Preset.BALANCED,
            engine=engine,
            lipsync=lipsync,
            store=store,
            progress=progress,
            seed=seed,
        )

    digest = f"{file_digest(figure.face)} {Preset.BALANCED} {engine} {seed}"
    return ClipCast(
        digest, load, MATTE.build(settings.matte, settings), listener=listener, store=store, progress=progress
    )


def clip_lipsync(figure: Figure, settings: Settings, store: StageStore) -> Callable[[str, Knobs], LipSyncer]:
    """Builds lip-sync engines for a clip; what an avatar knows of its person need not be found again."""
    plain = partial(build_lipsyncer, settings)
    if figure.avatar is None or figure.library is None:
        return plain
    restore_scan(figure.avatar, figure.library, store)
    return knowing(figure.avatar, figure.library, plain)
