"""Where ElevenLabs' API is, and what its models speak."""

from typing import Final

from pydantic import SecretStr

from lipwright.remote.client import Limits, RemoteClient
from lipwright.remote.server import Server

URL: Final = "https://api.elevenlabs.io"
MODEL: Final = "eleven_multilingual_v2"
NO_KEY: Final = SecretStr("")
TIMEOUT_S: Final = 120.0
_V2: Final = tuple("en ja zh de hi fr ko pt it es id nl tr fil pl sv bg ro ar cs el fi hr ms sk da ta uk ru".split())
_V2_5: Final = (*_V2, "hu", "no", "vi")
_V3: Final = (
    *_V2_5,
    *(
        "af hy as az be bn bs ca ceb ny et gl ka gu ha he is ga jv kn kk ky lv ln lt lb mk ml mr ne ps fa pa sr sd sl"
        " so sw te th ur cy"
    ).split(),
)
_LANGUAGES: Final = {
    "eleven_multilingual_v2": _V2,
    "eleven_flash_v2": ("en",),
    "eleven_turbo_v2": ("en",),
    "eleven_flash_v2_5": _V2_5,
    "eleven_turbo_v2_5": _V2_5,
    "eleven_v3": _V3,
}
"""As ElevenLabs' list of models says."""
_TOLD: Final = frozenset({"eleven_flash_v2_5", "eleven_turbo_v2_5"})


def languages_of(model: str) -> tuple[str, ...]:
    """BCP 47 tags of what a model speaks; of a model that is not known here, those that most of them speak."""
    return _LANGUAGES.get(model, _V2_5)


def is_told_its_language(model: str) -> bool:
    """Whether a model takes the language of a text; the others find it out themselves, and refuse to be told."""
    return model in _TOLD


def elevenlabs_client(url: str, key: SecretStr, timeout_s: float, requests_per_minute: int) -> RemoteClient:
    """A client of one server; nothing is sent yet."""
    server = Server(
        engine="elevenlabs",
        url=url,
        key=key,
        key_header="xi-api-key",
        key_prefix="",
        url_variable="LIPWRIGHT_ELEVENLABS_URL",
        key_variable="LIPWRIGHT_ELEVENLABS_KEY",
        keyed_host="api.elevenlabs.io",
    )
    return RemoteClient(server, Limits(answer_s=timeout_s, requests_per_minute=requests_per_minute))
