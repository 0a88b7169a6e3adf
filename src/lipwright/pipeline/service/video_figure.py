"""Who is seen in the video of a job, and whether they agreed to it."""

from collections.abc import Iterable
from datetime import date

from lipwright.contracts.avatar import CLIP, NEUTRAL, Use
from lipwright.contracts.job import VideoSpec
from lipwright.contracts.route import StageWork
from lipwright.contracts.story import Story
from lipwright.errors import UsageError
from lipwright.media.image import is_clip
from lipwright.pipeline.avatar.consent import check_consent
from lipwright.pipeline.avatar.figure import Figure
from lipwright.pipeline.service.attempt import named
from lipwright.pipeline.service.avatar_lent import LentLibrary
from lipwright.pipeline.video.request import VideoEngines, VideoRequest

DEFAULT_LANGUAGE = "en-US"
"""Of a voice that nobody named."""


def figure_of(work: StageWork, asked: VideoSpec) -> Figure:
    """Who is seen.

    Raises: UsageError: an avatar is named, and what it is was not kept with the job. MediaNotFound.
    """
    if asked.face is not None:
        face = named(work, asked.face, "face")
        return Figure(face, is_clip(face))
    identity = asked.identity
    if identity is None:
        raise UsageError(f"avatar `{asked.avatar}`: the job holds nothing of it. Send the job again by its name.")
    library = LentLibrary(identity, work.assets)
    clip = identity.kind == "clip"
    return Figure(library.path(identity.name, CLIP if clip else NEUTRAL), clip, None, identity, library)


def check_agreed(asked: VideoSpec, languages: Iterable[str] = ()) -> None:
    """Make sure that the person of an avatar agrees to a video, now.

    Args:
        languages: in which they are shown speaking; none where that is not known yet, or nobody speaks.
    Raises: ConsentMissing. UsageError: a purpose without an avatar.
    """
    if asked.identity is None:
        if asked.purpose is not None and asked.avatar is None:
            raise UsageError("spec: `purpose` is asked of an avatar's consent. Leave it out, or name an `avatar`.")
        return
    today = date.today()
    for language in languages:
        check_consent(asked.identity, Use.VIDEO, language=language, purpose=asked.purpose, today=today)
    anywhere = asked.identity.consent.model_copy(update={"languages": frozenset()})
    unsaid = asked.identity.model_copy(update={"consent": anywhere})
    check_consent(unsaid, Use.VIDEO, language=None, purpose=asked.purpose, today=today)


def languages_of(story: Story, request: VideoRequest, engines: VideoEngines) -> frozenset[str]:
    """The languages that are spoken: the one that is named, else those of the voices; none where nobody speaks.

    Raises: VoiceUnknown.
    """
    speaking = [scene for scene in story.scenes if scene.text.strip()]
    named_one = story.language or request.language
    if named_one is not None:
        return frozenset({named_one} if speaking else ())
    voices = {scene.voice or story.voice or request.voice for scene in speaking}
    return frozenset(
        engines.tts(voice).find_voice(voice).language if voice else DEFAULT_LANGUAGE for voice in sorted(voices)
    )
