"""Creation of an avatar, stage by stage: validate, neutral, matte, sheet, learn, voice; then it is kept, or nothing is.

for stage in stages(request):
    files |= run_stage(stage, request, files, folder, tts=..., cloner=..., progress=...)
library.save(identity_of(request, files, created_at), files)
"""

import re
import tempfile
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, date, datetime
from pathlib import Path

from lipwright.contracts.avatar import AvatarIdentity
from lipwright.contracts.progress import Progress
from lipwright.errors import ProviderError, UsageError
from lipwright.media.output import output_error
from lipwright.pipeline.avatar.consent import check_time
from lipwright.pipeline.avatar.files import Files
from lipwright.pipeline.avatar.graph import identity_of
from lipwright.pipeline.avatar.library import AvatarLibrary
from lipwright.pipeline.avatar.request import AvatarRequest
from lipwright.pipeline.avatar.sheet import draw_sheet
from lipwright.pipeline.avatar.stages import cut_out, draw_neutral, learn_mouths, validate
from lipwright.pipeline.avatar.voice import PROFILE, check_voice, choose_voice, copied_voice, read_profile
from lipwright.speech.cloning.base import VoiceCloner
from lipwright.speech.tts.base import TextToSpeech

VALIDATE, NEUTRAL, MATTE, SHEET, LEARN, VOICE = "validate", "neutral", "matte", "sheet", "learn", "voice"
MOST_POSES = 12
_POSE = re.compile(r"[a-z0-9][a-z0-9_]{0,30}")


def create_avatar(
    request: AvatarRequest,
    *,
    library: AvatarLibrary,
    tts: Callable[[], TextToSpeech],
    cloner: Callable[[], VoiceCloner],
    progress: Progress,
) -> AvatarIdentity:
    """Make an avatar and keep it.

    Args:
        tts: builds the speech engine that has the chosen voice; called only where one is chosen.
        cloner: builds the engine that copies voices; called only where there is a sample.
    Raises: InputError, ProviderError, OutputError, Cancelled: nothing is kept, and a voice that was copied is removed.
    """
    check_request(request)
    library.check_free(request.name)
    with tempfile.TemporaryDirectory(prefix="lipwright-avatar-") as scratch:
        files: dict[str, Path] = {}
        try:
            for stage in stages(request):
                folder = Path(scratch) / stage
                folder.mkdir()
                files |= run_stage(stage, request, files, folder, tts=tts, cloner=cloner, progress=progress)
                progress.check_cancelled()
            progress.stage("keep", None)
            identity = identity_of(request, files, datetime.now(UTC).isoformat(timespec="seconds"))
            library.save(identity, files)
        except BaseException:
            if request.voice_sample is not None and PROFILE in files:
                with suppress(ProviderError):
                    cloner().forget(copied_voice(read_profile(files[PROFILE])))
            raise
    return identity


def stages(request: AvatarRequest) -> tuple[str, ...]:
    """The stages of a request, in order."""
    learn = (LEARN,) if request.clip is not None else ()
    return (VALIDATE, NEUTRAL, MATTE, SHEET, *learn, VOICE)


def run_stage(
    stage: str,
    request: AvatarRequest,
    files: Files,
    folder: Path,
    *,
    tts: Callable[[], TextToSpeech],
    cloner: Callable[[], VoiceCloner],
    progress: Progress,
) -> dict[str, Path]:
    """Do one stage.

    Args:
        files: all that earlier stages made, by name; only read.
        folder: an empty folder.
    Returns: what it made, in the folder, by name. A name with `/` is that of an asset all the same.
    Raises: InputError, ProviderError, OutputError, Cancelled.
    """
    try:
        if stage == VALIDATE:
            return validate(request, folder, progress)
        if stage == NEUTRAL:
            return draw_neutral(files, folder, progress)
        if stage == MATTE:
            return cut_out(files, folder, progress)
        if stage == SHEET:
            return draw_sheet(files, folder, request.name, progress)
        if stage == LEARN:
            return learn_mouths(files, folder, progress)
        if stage == VOICE:
            return choose_voice(request, folder, tts=tts, cloner=cloner, progress=progress)
    except OSError as exc:
        raise output_error(folder, exc) from exc
    raise ValueError(f"`{stage}` is no stage of an avatar")


def check_request(request: AvatarRequest) -> None:
    """Make sure, before any work, that a request can become an avatar.

    Raises: UsageError: it contradicts itself. ConsentMissing: the person does not agree to it now.
    """
    if (request.photo is None) == (request.clip is None):
        raise UsageError("an avatar is made from one photo or one clip. Give --photo or --clip, and not both.")
    if len(request.poses) > MOST_POSES:
        raise UsageError(f"--pose: {len(request.poses)} poses are too many. Give at most {MOST_POSES}.")
    for pose in request.poses:
        if not _POSE.fullmatch(pose):
            raise UsageError(
                f"--pose {pose}: no name for a pose. Use small letters, digits and `_`, such as `sitting`."
            )
    check_time(request.consent, date.today(), f"consent ({request.consent.person})")
    check_voice(request)


def remove_avatar(name: str, *, library: AvatarLibrary, cloner: Callable[[], VoiceCloner]) -> None:
    """Remove an avatar, its files, and the copy of its person's voice where that was made.

    Raises: AvatarNotFound. ProviderError: the files are removed, and the copied voice is still there.
    """
    voice = library.load(name).voice
    library.remove(name)
    if voice is not None and voice.cloned_from is not None:
        cloner().forget(copied_voice(voice))
