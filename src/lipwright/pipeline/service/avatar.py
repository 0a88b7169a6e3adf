"""Jobs of kind `avatar`: a person becomes an avatar, stage by stage; a graph of files comes out."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from lipwright.contracts.job import AvatarSpec
from lipwright.contracts.route import Route, StagePlan, StageWork
from lipwright.contracts.strict import Strict
from lipwright.media.output import write_text
from lipwright.pipeline.avatar.create import NEUTRAL, SHEET, VOICE, check_request, run_stage, stages
from lipwright.pipeline.avatar.files import FACE
from lipwright.pipeline.avatar.graph import identity_of
from lipwright.pipeline.avatar.library import IDENTITY
from lipwright.pipeline.avatar.request import AvatarRequest
from lipwright.pipeline.avatar.stages import FOUND
from lipwright.pipeline.avatar.voice import PROFILE
from lipwright.pipeline.service.attempt import checked, named, spec_of
from lipwright.pipeline.service.avatar_words import asset_named, published, told
from lipwright.speech.cloning.base import VoiceCloner
from lipwright.speech.tts.base import TextToSpeech

KEEP = "identity"
"""The last stage: everything is joined to one identity."""
APPROVABLE = frozenset({NEUTRAL, SHEET})
_BETWEEN = (FACE, PROFILE, f"{FOUND.partition('-')[0]}-")
"""What names begin with that only stages read."""


@dataclass(frozen=True)
class AvatarRoute(Route):
    """What `lipwright avatar create` does, in stages."""

    tts: Callable[[str], TextToSpeech]
    """From the name of a voice; empty for any."""
    cloner: Callable[[], VoiceCloner]
    kind = "avatar"

    def stages(self, spec: Strict) -> tuple[StagePlan, ...]:
        """The stages of an avatar's creation, and `identity`.

        Raises: UsageError: the request contradicts itself. ConsentMissing: the person does not agree to it now.
        """
        with told(None):
            check_request(request := _outline(checked(spec, AvatarSpec)))
        return tuple(StagePlan(name, "cpu", name in APPROVABLE) for name in (*stages(request), KEEP))

    def assets(self, spec: Strict) -> frozenset[str]:
        """What was uploaded."""
        asked = checked(spec, AvatarSpec)
        given = {asked.photo, asked.clip, asked.voice_sample, *asked.poses.values()}
        return frozenset(digest for digest in given if digest is not None)

    def run(self, work: StageWork) -> Mapping[str, Path]:
        """Do a stage."""
        asked = spec_of(work, AvatarSpec)
        with told(work):
            outline = _outline(asked)
            check_request(outline)
            request = _request(work, asked, outline)
            if work.stage == VOICE:
                request = replace(request, voice=self._voice(asked))
            files = {asset_named(name): path for name, path in work.earlier.items()}
            if work.stage == KEEP:
                return {IDENTITY: _keep(request, files, work.folder, asked.language)}
            made = run_stage(
                work.stage,
                request,
                files,
                work.folder,
                tts=lambda: self.tts(request.voice),
                cloner=self.cloner,
                progress=work.progress,
            )
        return {published(name): path for name, path in made.items()}

    def outputs(self, made: Mapping[str, str]) -> Mapping[str, str]:
        """The identity, and every file of its graph."""
        return {name: digest for name, digest in made.items() if not name.startswith(_BETWEEN)}

    def _voice(self, asked: AvatarSpec) -> str:
        """The voice that is asked for; of a language alone its default voice.

        Raises: VoiceUnknown, LanguageUnknown.
        """
        if asked.language is None or asked.voice_sample is not None:
            return asked.voice
        engine = self.tts(asked.voice)
        chosen = engine.find_voice(asked.voice, asked.language) if asked.voice else engine.default_voice(asked.language)
        return chosen.id


def _outline(asked: AvatarSpec) -> AvatarRequest:
    """The request with digests for files: enough to be checked."""
    return AvatarRequest(
        name=asked.name,
        consent=asked.consent,
        photo=Path(asked.photo) if asked.photo else None,
        clip=Path(asked.clip) if asked.clip else None,
        poses={pose: Path(digest) for pose, digest in asked.poses.items()},
        voice=asked.voice,
        voice_sample=Path(asked.voice_sample) if asked.voice_sample else None,
    )


def _request(work: StageWork, asked: AvatarSpec, outline: AvatarRequest) -> AvatarRequest:
    """The request with the attempt's own files."""
    return replace(
        outline,
        photo=named(work, asked.photo, "photo") if asked.photo else None,
        clip=named(work, asked.clip, "clip") if asked.clip else None,
        poses={pose: named(work, digest, f"pose {pose}") for pose, digest in asked.poses.items()},
        voice_sample=named(work, asked.voice_sample, "voice_sample") if asked.voice_sample else None,
    )


def _keep(request: AvatarRequest, files: Mapping[str, Path], folder: Path, language: str | None) -> Path:
    identity = identity_of(request, files, datetime.now(UTC).isoformat(timespec="seconds"))
    if identity.voice is not None and language is not None:
        voice = identity.voice.model_copy(update={"language": language})
        identity = identity.model_copy(update={"voice": voice})
    write_text(folder / IDENTITY, identity.model_dump_json(indent=2) + "\n")
    return folder / IDENTITY
