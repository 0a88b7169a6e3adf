"""`lipwright avatar ...`: people who can say something, made once and used in every video."""

from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lipwright.cli import options
from lipwright.cli.invocation import Invocation, invocation_of
from lipwright.errors import ProviderError, UsageError

if TYPE_CHECKING:
    from lipwright.contracts.avatar import AvatarIdentity, Consent
    from lipwright.pipeline.avatar.library import AvatarLibrary
    from lipwright.settings import Settings

Name = Annotated[str, typer.Argument(metavar="NAME", help="Small letters, digits, - and _, such as maya.")]


def create(
    context: typer.Context,
    *,
    name: Name,
    consent: Annotated[
        Path,
        typer.Option("--consent", metavar="FILE.json", help="What the person agreed to: who, since when, which uses."),
    ],
    photo: Annotated[Path | None, typer.Option("--photo", metavar="FILE", help="A photo of the person.")] = None,
    clip: Annotated[
        Path | None, typer.Option("--clip", metavar="FILE", help="A clip of the person, up to two minutes.")
    ] = None,
    pose: Annotated[
        list[str] | None,
        typer.Option("--pose", metavar="NAME=FILE", help="A further photo, for scenes in that pose; repeat."),
    ] = None,
    voice: options.Voice = "",
    voice_sample: Annotated[
        Path | None,
        typer.Option("--voice-sample", metavar="FILE", help="A recording from which the person's voice is copied."),
    ] = None,
    tts: options.Tts = None,
    json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Make an avatar from a photo or a clip, and keep it."""
    from lipwright.pipeline.avatar.consent import read_consent
    from lipwright.pipeline.avatar.request import AvatarRequest
    from lipwright.settings import load_settings

    invocation = invocation_of(context, json_wanted=json)
    request = AvatarRequest(
        name=name,
        consent=read_consent(consent),
        photo=photo,
        clip=clip,
        poses=_poses(pose or []),
        voice=voice,
        tts=tts,
        voice_sample=voice_sample,
    )

    from lipwright.cli.progress import watched
    from lipwright.pipeline.avatar.create import create_avatar
    from lipwright.wiring.capabilities import CLONE
    from lipwright.wiring.engines import choose_tts

    settings = load_settings()
    library = _library(settings)
    with watched(invocation.interrupts, quiet=quiet) as progress:
        identity = create_avatar(
            request,
            library=library,
            tts=lambda: choose_tts(tts, voice, settings),
            cloner=lambda: CLONE.build(settings.clone, settings),
            progress=progress,
        )
    _show(invocation, identity, library)


def show(context: typer.Context, *, name: Name, json: options.Json = False) -> None:
    """Show an avatar: its files, its face, its voice, and what its person agreed to."""
    from lipwright.settings import load_settings

    invocation = invocation_of(context, json_wanted=json)
    library = _library(load_settings())
    _show(invocation, library.load(name), library)


def list_all(context: typer.Context, *, json: options.Json = False) -> None:
    """List all avatars."""
    from lipwright.settings import load_settings

    invocation = invocation_of(context, json_wanted=json)
    library = _library(load_settings())
    identities = [library.load(name) for name in library.names()]
    if json:
        invocation.print_json(
            {
                "avatars": [
                    {"name": one.name, "kind": one.kind, "person": one.consent.person, "created_at": one.created_at}
                    for one in identities
                ]
            }
        )
        return
    for one in identities:
        invocation.print(f"{one.name}  {one.kind}  {one.consent.person}  {one.created_at}")


def remove(context: typer.Context, *, name: Name) -> None:
    """Remove an avatar, its files, and the copy of its person's voice."""
    from lipwright.pipeline.avatar.create import remove_avatar
    from lipwright.settings import load_settings
    from lipwright.wiring.capabilities import CLONE

    invocation = invocation_of(context)
    settings = load_settings()
    library = _library(settings)
    try:
        remove_avatar(name, library=library, cloner=lambda: CLONE.build(settings.clone, settings))
    except ProviderError as exc:
        exc.args = (f"avatar `{name}` is removed, but the copy of its person's voice is not: {exc}", *exc.args[1:])
        raise
    invocation.print(f"{name}: removed")


def _library(settings: "Settings") -> "AvatarLibrary":
    from lipwright.pipeline.avatar.library import AvatarLibrary

    return AvatarLibrary(settings.avatars_dir)


def _poses(given: list[str]) -> dict[str, Path]:
    """Photos by the names of their poses.

    Raises: UsageError: it is no NAME=FILE, or a pose is there twice.
    """
    poses: dict[str, Path] = {}
    for one in given:
        name, equals, path = one.partition("=")
        if not (name and equals and path):
            raise UsageError(f"--pose {one}: write the name of the pose and its photo, such as sitting=maya-sits.jpg.")
        if name in poses:
            raise UsageError(f"--pose {name}: it is there twice. Give each pose a name of its own.")
        poses[name] = Path(path)
    return poses


def _show(invocation: Invocation, identity: "AvatarIdentity", library: "AvatarLibrary") -> None:
    from lipwright.contracts.avatar import SHEET

    sheet = library.path(identity.name, SHEET)
    if invocation.json:
        invocation.print_json({**identity.model_dump(mode="json"), "sheet": str(sheet)})
        return
    for line in (*_person_lines(identity), f"sheet    {sheet}", "files"):
        invocation.print(line)
    for folder, assets in groupby(identity.assets, key=lambda asset: asset.name.partition("/")[0]):
        first, *others = assets
        name, digest = (f"{folder}/ ({1 + len(others)} files)", " " * 12) if others else (first.name, first.digest[:12])
        origin = f"{first.made_by} from {_listed(first.made_from)}" if first.made_from else first.made_by or "given"
        invocation.print(f"  {digest}  {name}  {origin}")


def _person_lines(identity: "AvatarIdentity") -> list[str]:
    face, voice = identity.face, identity.voice
    lines = [
        f"{identity.name}: made from a {identity.kind}, {identity.created_at}",
        f"face     {face.eye_distance_px:.0f} px between the eyes in {face.width_px}x{face.height_px}, sharpness"
        f" {face.sharpness:.2f}, brightness {face.brightness:.2f}, turned {face.yaw_degrees:+.0f} degrees sideways,"
        f" {face.pitch_degrees:+.0f} up",
        *(f"         {advice}" for advice in face.advice),
    ]
    if voice is None:
        lines.append("voice    the default one of each language")
    else:
        copied = ", copied from the person's own" if voice.cloned_from else ""
        language = f" ({voice.language})" if voice.language else ""
        lines.append(f"voice    {voice.voice}{language} of {voice.engine}{copied}")
    if identity.poses():
        lines.append(f"poses    {', '.join(identity.poses())}")
    lines.append(f"consent  {_consent_line(identity.consent)}")
    return lines


def _consent_line(consent: "Consent") -> str:
    until = f"until {consent.until}" if consent.until else "without end"
    languages = ", ".join(sorted(consent.languages)) or "any language"
    purposes = ", ".join(sorted(consent.purposes)) or "any purpose"
    return (
        f"{consent.person}, from {consent.granted_on} {until}: {', '.join(sorted(consent.uses))}; {languages};"
        f" {purposes}"
    )


def _listed(made_from: tuple[str, ...]) -> str:
    """Names of files; those of one folder by its name alone."""
    return ", ".join(dict.fromkeys("".join(name.partition("/")[:2]) for name in made_from))
