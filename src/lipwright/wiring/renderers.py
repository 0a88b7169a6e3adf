"""Remote renderers: which there are, which of them are configured, and what they work with."""

from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from pydantic import SecretStr

from lipwright.errors import ProviderRefused, ProviderUnknown, UsageError, did_you_mean
from lipwright.settings import Settings

if TYPE_CHECKING:
    from lipwright.pipeline.remote_video import Offer
    from lipwright.render.remote.orders import OrderDesk
    from lipwright.render.remote.receiver import Receiver
    from lipwright.render.remote.served import ServedRenderer
    from lipwright.render.remote.shape import Shape

CHEAPEST = "cheapest"
"""Stands for whichever configured renderer asks least for a video."""
FOLDER = "renderers"
"""In the data folder: the ledger of the orders, and their videos."""
SEND_S = 300.0
"""Longest that a submission takes, at least; three answers of its vendor may be waited for."""


def known(settings: Settings) -> "dict[str, Shape]":
    """All renderers by their names; one of a user's own takes the place of a packaged one.

    Raises: UsageError: a file of the user's is none, or two have one name.
    """
    from lipwright.render.remote.shape import packaged_shape, packaged_shapes

    return {name: packaged_shape(name) for name in packaged_shapes()} | _own(settings)


def configured(settings: Settings) -> "dict[str, Shape]":
    """The renderers that can be asked: the user's own, and those whose key or address is set.

    Raises: UsageError: as `known`; keys are written down wrongly.
    """
    own = _own(settings)
    _check_names(settings, own)
    return {
        name: shape
        for name, shape in known(settings).items()
        if name in own or _key(shape, settings).get_secret_value() or _url(shape, settings)
    }


def offers(name: str, settings: Settings) -> "list[Offer]":
    """The renderer of a name, or all that are configured for `cheapest`.

    Raises: ProviderUnknown, UsageError: there is none. ProviderRefused: it has no key.
    """
    from lipwright.pipeline.remote_video import Offer

    ready = configured(settings)
    if name == CHEAPEST:
        if not ready:
            raise UsageError(f"{CHEAPEST}: no remote renderer is configured. {how_to_configure(settings)}")
        chosen = list(ready.values())
    else:
        every = known(settings)
        if name not in every:
            raise ProviderUnknown(
                f"remote renderer `{name}`: not known.{did_you_mean(name, [*every, CHEAPEST])} There are:"
                f" {', '.join(every)}; {CHEAPEST} chooses among those that are configured."
            )
        if name not in ready:
            raise ProviderRefused(f"{name}: there is no key for it. Set {every[name].key_variable}.")
        chosen = [ready[name]]
    return [Offer(build_renderer(shape, settings), callback_url(shape, settings)) for shape in chosen]


def how_to_configure(settings: Settings) -> str:
    """What a user does who has none yet."""
    names = dict.fromkeys(shape.key_variable for shape in known(settings).values() if shape.server.variables)
    return f"Set {' or '.join(names)}, or put a file into LIPWRIGHT_RENDERERS_DIR; see docs/remote-renderers.md."


def build_renderer(shape: "Shape", settings: Settings) -> "ServedRenderer":
    """Build a renderer; nothing is asked yet."""
    from lipwright.remote.addresses import Guard
    from lipwright.render.remote.served import ServedRenderer

    return ServedRenderer(
        shape,
        _key(shape, settings),
        url=_url(shape, settings),
        guard=Guard(allow_private=settings.allow_private_addresses),
        timeout_s=settings.remote_timeout_s,
        requests_per_minute=settings.remote_requests_per_minute,
    )


@contextmanager
def order_desk(settings: Settings) -> "Iterator[OrderDesk]":
    """Where videos are ordered, for one block. All processes of a data folder share its orders.

    Raises: OutputNotWritable, DatabaseFailed; ServiceError: a later version has written it.
    """
    from lipwright.render.remote.orders import OrderDesk, Terms

    terms = Terms(in_flight=settings.renderers_in_flight, send_s=max(SEND_S, 3 * settings.remote_timeout_s))
    desk = OrderDesk(settings.data_dir.absolute() / FOLDER, terms)
    with closing(desk.ledger):
        yield desk


@contextmanager
def receivers(settings: Settings) -> "Iterator[Mapping[str, Receiver]]":
    """Who takes the callbacks of configured renderers whose secrets are set, for one block.

    Raises: UsageError: a secret is too short. OutputNotWritable, DatabaseFailed; ServiceError: as `order_desk`.
    """
    from lipwright.render.remote.ledger import Ledger
    from lipwright.render.remote.receiver import Receiver

    calling = {
        name: shape
        for name, shape in configured(settings).items()
        if shape.webhook is not None and _secret(shape, settings).get_secret_value()
    }
    if not calling:
        yield {}
        return
    with closing(Ledger(settings.data_dir.absolute() / FOLDER)) as ledger:
        yield {name: Receiver(ledger, shape, _secret(shape, settings)) for name, shape in calling.items()}


def callback_url(shape: "Shape", settings: Settings) -> str | None:
    """Where a renderer calls; None where it cannot, and is asked now and then.

    Raises: UsageError: the address of this service is none, or the secret is too short.
    """
    from lipwright.render.remote.receiver import callback_token

    base, secret = settings.renderer_callback_url.rstrip("/"), _secret(shape, settings)
    if not base or shape.webhook is None or not secret.get_secret_value():
        return None
    parts = urlsplit(base)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment:
        raise UsageError(
            "LIPWRIGHT_RENDERER_CALLBACK_URL holds no address. Write where vendors reach this service, such as"
            " https://your.service."
        )
    return f"{base}/renderers/{shape.name}/callbacks/{callback_token(shape, secret)}"


def _own(settings: Settings) -> "dict[str, Shape]":
    from lipwright.render.remote.shape import read_shape

    if settings.renderers_dir is None:
        return {}
    if not settings.renderers_dir.is_dir():
        raise UsageError(f"LIPWRIGHT_RENDERERS_DIR={settings.renderers_dir}: there is no such folder. Make it.")
    own: dict[str, Shape] = {}
    for path in sorted(settings.renderers_dir.glob("*.toml")):
        shape = read_shape(path)
        if shape.name in own or shape.name == CHEAPEST:
            raise UsageError(f"`{path}`: the name `{shape.name}` is taken. Give it another one.")
        own[shape.name] = shape
    return own


def _key(shape: "Shape", settings: Settings) -> SecretStr:
    named = _named(settings.renderer_keys, "LIPWRIGHT_RENDERER_KEYS").get(shape.name)
    return named if named is not None else _of(shape, settings, "key")


def _secret(shape: "Shape", settings: Settings) -> SecretStr:
    named = _named(settings.renderer_secrets, "LIPWRIGHT_RENDERER_SECRETS").get(shape.name)
    return named if named is not None else _of(shape, settings, "secret")


def _of(shape: "Shape", settings: Settings, what: str) -> SecretStr:
    """A setting of a vendor that Lipwright knows."""
    match shape.server.variables:
        case "LIPWRIGHT_HEYGEN":
            return settings.heygen_key if what == "key" else settings.heygen_secret
        case "LIPWRIGHT_D_ID":
            return settings.d_id_key if what == "key" else settings.d_id_secret
    return SecretStr("")


def _url(shape: "Shape", settings: Settings) -> str:
    return {"LIPWRIGHT_HEYGEN": settings.heygen_url, "LIPWRIGHT_D_ID": settings.d_id_url}.get(
        shape.server.variables, ""
    )


def _named(written: SecretStr, variable: str) -> dict[str, SecretStr]:
    """`one=KEY two=KEY`; messages repeat none of it but names."""
    named: dict[str, SecretStr] = {}
    for number, part in enumerate(written.get_secret_value().split(), 1):
        name, equals, secret = part.partition("=")
        if not (name and equals and secret):
            raise UsageError(f"{variable}: entry {number} is no name=value. Write such as `own-vendor=KEY`.")
        named[name] = SecretStr(secret)
    return named


def _check_names(settings: Settings, own: "Mapping[str, Shape]") -> None:
    """A key that belongs to nobody is a slip."""
    for written, variable in (
        (settings.renderer_keys, "LIPWRIGHT_RENDERER_KEYS"),
        (settings.renderer_secrets, "LIPWRIGHT_RENDERER_SECRETS"),
    ):
        every = known(settings) if own else {}
        for number, name in enumerate(_named(written, variable), 1):
            if name not in every:
                raise UsageError(
                    f"{variable}: entry {number} is for no renderer that there is.{did_you_mean(name, every)} Its name"
                    " stands in a file in LIPWRIGHT_RENDERERS_DIR."
                )
