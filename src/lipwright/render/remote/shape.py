"""What a vendor's API looks like, as data: a TOML file for each vendor. A vendor of one's own is one more file."""

import tomllib
from decimal import Decimal
from importlib import resources
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from lipwright.errors import ProviderUnknown, UsageError, did_you_mean
from lipwright.render.remote.base import RendererCapability
from lipwright.render.remote.template import PLACE

PLACES: Final = frozenset(
    "reference text voice face avatar audio width_px height_px resolution aspect_ratio callback_url".split()
)
_PACKAGED: Final = resources.files(__name__.rpartition(".")[0]).joinpath("shapes")


def _known_places(template: Any) -> Any:
    match template:
        case dict():
            for part in template.values():
                _known_places(part)
        case list():
            for part in template:
                _known_places(part)
        case str():
            for place in PLACE.findall(template):
                if place not in PLACES:
                    raise ValueError(f"{{{place}}} is no place.{did_you_mean(place, PLACES)}")
    return template


_UrlPath = Annotated[str, Field(pattern=r"^/[!-~]*$")]
_Template = Annotated[dict[str, Any], AfterValidator(_known_places)]


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ServerTable(_Table):
    """Where the vendor is, and how it learns who asks."""

    url: Annotated[str, Field(pattern=r"^https?://")]
    upload_url: str = ""
    """Where files go; empty for the same server."""
    key_header: str = "Authorization"
    key_prefix: str = ""
    variables: str = ""
    """Begins the names of the environment variables of a vendor that Lipwright knows; empty for one of a user's."""


class UploadTable(_Table):
    """How a file is brought to the vendor."""

    path: _UrlPath
    form: Literal["raw", "multipart"]
    """Whether the file is the whole body, or a field of a form."""
    field: str = "file"
    result: str
    """Where the answer says what the file is called now."""


class SubmitTable(_Table):
    """How a video is asked for. The templates that an order needs are laid over `body`."""

    path: _UrlPath
    id: str
    error: str = ""
    """Where a refusal stands that comes with a good status."""
    body: _Template = {}
    face: _Template = {}
    avatar: _Template = {}
    audio: _Template = {}
    text: _Template = {}


class StateTable(_Table):
    """How the state of a video is asked for, and what the vendor's words for it mean."""

    path: _UrlPath
    """With the place {id}."""
    status: str
    url: str
    duration: str = ""
    reason: str = ""
    working: tuple[str, ...]
    done: tuple[str, ...]
    failed: tuple[str, ...]
    unknown_statuses: tuple[int, ...] = (404, 410)
    """HTTP statuses that mean: no such video."""


class FindTable(_Table):
    """How the vendor's own list is searched for a reference of ours."""

    path: _UrlPath
    videos: str
    id: str
    reference: str
    """Within each video."""
    next: str = ""
    """Where the token of the next page stands."""
    token: str = "token"  # noqa: S105 a parameter's name
    """The parameter that takes it."""


class WebhookTable(_Table):
    """How the vendor calls back. What it says is only a hint to look at the video's state."""

    id: str
    reference: str = ""
    event: str
    done: tuple[str, ...]
    failed: tuple[str, ...]
    signature_header: str = ""
    """Carries HMAC-SHA256 of the body in hexadecimal; empty for a vendor that signs nothing."""
    timestamp_header: str = ""
    """Carries seconds since 1970; an old one is refused."""


class CapabilityTable(_Table):
    """What the vendor can do; see `RendererCapability`."""

    max_width_px: Annotated[int, Field(ge=64)]
    max_height_px: Annotated[int, Field(ge=64)]
    billing_increment_s: Annotated[int, Field(ge=1, le=3600)]
    price_per_minute: Annotated[Decimal, Field(ge=0)] | None = None
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")] = "USD"
    languages: tuple[str, ...] = ()
    licence: str = "LicenseRef-Terms-Of-The-Server"


class Shape(_Table):
    """One vendor."""

    name: Annotated[str, Field(pattern=r"^[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?$")]
    server: ServerTable
    capability: CapabilityTable
    face: UploadTable | None = None
    audio: UploadTable | None = None
    submit: SubmitTable
    state: StateTable
    find: FindTable | None = None
    webhook: WebhookTable | None = None

    @model_validator(mode="after")
    def _has_uploads_for_what_it_takes(self) -> Self:
        if bool(self.submit.face) != (self.face is not None):
            raise ValueError("submit.face and face belong together: how a picture is uploaded, and where it is named")
        if bool(self.submit.audio) != (self.audio is not None):
            raise ValueError("submit.audio and audio belong together: how a sound is uploaded, and where it is named")
        if "{id}" not in self.state.path:
            raise ValueError("state.path has no place {id}")
        return self

    @property
    def key_variable(self) -> str:
        """Where its key is set, for messages."""
        return f"{self.server.variables}_KEY" if self.server.variables else f"`{self.name}=` in LIPWRIGHT_RENDERER_KEYS"

    @property
    def secret_variable(self) -> str:
        """Where the secret of its callbacks is set, for messages."""
        named = self.server.variables
        return f"{named}_SECRET" if named else f"`{self.name}=` in LIPWRIGHT_RENDERER_SECRETS"

    @property
    def url_variable(self) -> str:
        """Where its address is set, for messages."""
        return f"{self.server.variables}_URL" if self.server.variables else "`url` in its file"

    @property
    def able(self) -> RendererCapability:
        """What the shape says that the vendor can do."""
        return RendererCapability(
            name=self.name,
            webhooks=self.webhook is not None,
            accepts_text=bool(self.submit.text),
            accepts_audio=bool(self.submit.audio),
            accepts_face=bool(self.submit.face),
            accepts_avatar=bool(self.submit.avatar),
            **dict(self.capability),
        )


def packaged_shapes() -> tuple[str, ...]:
    """The names of the vendors that Lipwright knows."""
    return tuple(sorted(entry.name.removesuffix(".toml") for entry in _PACKAGED.iterdir()))


def packaged_shape(name: str) -> Shape:
    """A vendor that Lipwright knows. Raises ProviderUnknown."""
    if name not in packaged_shapes():
        known = ", ".join(packaged_shapes())
        raise ProviderUnknown(
            f"remote renderer `{name}`: not known.{did_you_mean(name, packaged_shapes())} There are {known}, and"
            " those of files of your own (LIPWRIGHT_RENDERERS_DIR)."
        )
    return _parsed(_PACKAGED.joinpath(f"{name}.toml").read_text(encoding="utf-8"), f"{name}.toml")


def read_shape(path: Path) -> Shape:
    """A vendor of the user's own.

    Raises: UsageError: the file cannot be read, or does not say what it must.
    """
    try:
        return _parsed(path.read_text(encoding="utf-8"), str(path))
    except (OSError, UnicodeDecodeError) as exc:
        raise UsageError(f"`{path}`: cannot be read ({exc}). Check LIPWRIGHT_RENDERERS_DIR.") from exc


def _parsed(text: str, name: str) -> Shape:
    try:
        return Shape.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as exc:
        raise UsageError(f"`{name}`: is no TOML ({exc}). Correct it.") from exc
    except ValidationError as exc:
        wrong = exc.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(step) for step in wrong["loc"]) or "file"
        raise UsageError(f"`{name}`: {place}: {wrong['msg']}. See docs/remote-renderers.md.") from exc
