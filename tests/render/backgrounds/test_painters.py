"""What every image engine must do, the fake first; and how the one behind HTTP bears what servers do."""

import base64
import io
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import pytest
from PIL import Image
from pydantic import SecretStr

from lipwright.errors import (
    ProviderAnswerInvalid,
    ProviderRefused,
    ProviderTimeout,
    ProviderUnavailable,
    QuotaExhausted,
)
from lipwright.remote.cost import cost_of
from lipwright.render.backgrounds import download as download_module
from lipwright.render.backgrounds.base import ImageEngine
from lipwright.render.backgrounds.download import download
from lipwright.render.backgrounds.fake import FakePainter
from lipwright.render.backgrounds.openai import OpenAiPainter
from lipwright.speech.openai import openai_client
from support.vendor import Received, Reply, Vendor, dropped, giant, never, page, redirect, said

KEY = "sk-test-0123456789abcdef"


def png(width: int = 384, height: int = 256) -> bytes:
    target = io.BytesIO()
    Image.new("RGB", (width, height), (10, 120, 200)).save(target, "PNG")
    return target.getvalue()


@dataclass
class Manner:
    """How a server of pictures behaves."""

    by_url: bool = False
    takes_format: bool = True
    """Whether it knows `response_format`."""
    picture: bytes = field(default_factory=png)
    url: str = ""
    """Empty for a place on the server itself."""


class Studio(Vendor):
    """Paints as OpenAI's API documents it; one answer in `script` for each request comes first."""

    def __init__(self, manner: Manner) -> None:
        super().__init__(self._respond)
        self.manner = manner
        self.base = f"{self.url}/v1"

    def _respond(self, request: Received) -> Reply:
        if request.path == "/made.png":
            return Reply(200, {"content-type": "image/png"}, self.manner.picture)
        assert (request.method, request.path) == ("POST", "/v1/images/generations")
        if request.headers.get("authorization") != f"Bearer {KEY}":
            return said({"error": {"message": "Incorrect API key", "code": "invalid_api_key"}}, 401)
        if "response_format" in request.json and not self.manner.takes_format:
            return said({"error": {"message": "Unknown parameter: 'response_format'", "code": "unknown"}}, 400)
        if self.manner.by_url:
            return said({"created": 1, "data": [{"url": self.manner.url or f"{self.url}/made.png"}]})
        return painted(self.manner.picture)


def painted(content: bytes) -> Reply:
    return said(
        {"created": 1, "data": [{"b64_json": base64.b64encode(content).decode()}], "usage": {"total_tokens": 1056}}
    )


@pytest.fixture
def manner() -> Manner:
    return Manner()


@pytest.fixture
def studio(manner: Manner) -> Iterator[Studio]:
    server = Studio(manner)
    with server.running():
        yield server


@pytest.fixture(autouse=True)
def no_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Waits between tries pass at once."""
    monkeypatch.setattr("lipwright.remote.client.pause", lambda length_s, sleep: None)
    monkeypatch.setattr("lipwright.render.backgrounds.download.pause", lambda length_s, sleep: None)


def engine(server: Studio, model: str = "gpt-image-1", *, key: str = KEY, timeout_s: float = 20.0) -> OpenAiPainter:
    return OpenAiPainter(
        openai_url=server.base, openai_key=SecretStr(key), openai_image_model=model, remote_timeout_s=timeout_s
    )


@pytest.mark.parametrize("name", ["fake", "openai"])
def test_engine_says_what_it_is_and_paints(name: str, studio: Studio) -> None:
    painter: ImageEngine = FakePainter() if name == "fake" else engine(studio)
    assert painter.capability.name == name
    assert painter.capability.code_licence
    picture = painter.paint("a calm sea", 192, 108)
    assert picture.dtype == np.uint8
    assert picture.ndim == 3
    assert picture.shape[2] == 3
    assert painter.identity(192, 108) == painter.identity(192, 108)
    assert painter.identity(192, 108) != painter.identity(108, 192)


@pytest.mark.parametrize(
    ("model", "shape", "size"),
    [
        ("gpt-image-1", (1920, 1080), "1536x1024"),
        ("gpt-image-1", (1080, 1920), "1024x1536"),
        ("gpt-image-1-mini", (512, 512), "1024x1024"),
        ("dall-e-3", (1920, 1080), "1792x1024"),
        ("dall-e-3", (720, 1280), "1024x1792"),
        ("dall-e-2", (1920, 1080), "1024x1024"),
        ("stablediffusion", (1280, 720), "1536x1024"),
    ],
)
def test_size_is_the_nearest_that_the_model_paints(
    studio: Studio, model: str, shape: tuple[int, int], size: str
) -> None:
    engine(studio, model).paint("a calm sea", *shape)
    asked = studio.received[0].json
    assert (asked["model"], asked["size"], asked["n"]) == (model, size, 1)
    assert asked["prompt"].startswith("a calm sea\n")
    assert ("response_format" in asked) == (not model.startswith("gpt-image"))


def test_cost_counts_pictures_and_tokens(studio: Studio) -> None:
    painter = engine(studio)
    painter.paint("a calm sea", 192, 108)
    painter.paint("a desk", 192, 108)
    assert cost_of(painter) == {"pictures": 2, "tokens": 2112}


def test_picture_is_fetched_from_the_servers_own_address_without_the_key(studio: Studio, manner: Manner) -> None:
    manner.by_url, manner.takes_format = True, False
    picture = engine(studio, "local").paint("a calm sea", 192, 108)
    assert picture.shape == (256, 384, 3)
    assert [request.path for request in studio.received] == ["/v1/images/generations"] * 2 + ["/made.png"]
    assert "authorization" not in studio.received[-1].headers


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:1/made.png",
        "http://169.254.169.254/latest/meta-data",
        "https://localhost/x.png",
        "file:///etc/hostname",
        "http://example.com/x.png",
        "no address",
    ],
)
def test_other_addresses_inside_are_not_asked_and_nothing_is_painted_again(
    studio: Studio, manner: Manner, url: str
) -> None:
    manner.by_url, manner.url = True, url
    with pytest.raises(ProviderAnswerInvalid) as caught:
        engine(studio).paint("a calm sea", 192, 108)
    assert not caught.value.retryable
    assert len(studio.received) == 1


def test_download_is_tried_again_and_painting_is_not(studio: Studio, manner: Manner) -> None:
    manner.by_url = True
    studio.script = [None, Reply(503), dropped]
    engine(studio).paint("a calm sea", 192, 108)
    assert [request.method for request in studio.received] == ["POST", "GET", "GET", "GET"]


@pytest.mark.parametrize(
    ("reply", "tries"), [(Reply(404), 1), (redirect("http://127.0.0.1:1/"), 1), (Reply(500), 3), (giant, 1)]
)
def test_download_that_fails_says_so(
    studio: Studio, reply: object, tries: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(download_module, "MOST_BYTES", 1 << 20)
    studio.script = [reply] * tries  # type: ignore[list-item]
    server = openai_client(studio.base, SecretStr(KEY), 5, 0).server
    with pytest.raises(ProviderAnswerInvalid, match="picture that 127"):
        download(f"{studio.url}/made.png", server, 5)
    assert len(studio.received) == tries


def test_download_that_never_comes_times_out(studio: Studio) -> None:
    studio.script = [never] * 3
    server = openai_client(studio.base, SecretStr(KEY), 5, 0).server
    with pytest.raises(ProviderTimeout, match="LIPWRIGHT_REMOTE_TIMEOUT_S"):
        download(f"{studio.url}/made.png", server, 0.2)


@pytest.mark.parametrize(
    "reply",
    [
        painted(b"no picture"),
        painted(png()[:300]),
        painted(png(64, 64)),
        painted(b""),
        said({"data": []}),
        said({"data": [{}]}),
        said({"data": [{"b64_json": "%%%"}]}),
        said({"data": [{"b64_json": "ü"}]}),
        said([1]),
        page(),
    ],
)
def test_answer_that_is_no_picture_is_asked_for_once_more_then_told(studio: Studio, reply: Reply) -> None:
    studio.script = [reply, None]
    assert engine(studio).paint("a calm sea", 192, 108).shape == (256, 384, 3)
    studio.script = [reply, reply]
    with pytest.raises(ProviderAnswerInvalid, match="LIPWRIGHT_OPENAI_URL"):
        engine(studio).paint("a calm sea", 192, 108)


def test_overloaded_server_is_asked_again(studio: Studio) -> None:
    studio.script = [said({"error": {"message": "slow down"}}, 429, retry_after="1"), Reply(502), None]
    engine(studio).paint("a calm sea", 192, 108)
    assert len(studio.received) == 3


def test_refusals_say_what_to_do(studio: Studio) -> None:
    with pytest.raises(ProviderRefused, match="LIPWRIGHT_OPENAI_KEY"):
        engine(studio, key="wrong").paint("a calm sea", 192, 108)
    studio.script = [said({"error": {"message": "no", "code": "billing_hard_limit_reached"}}, 400)]
    with pytest.raises(QuotaExhausted):
        engine(studio).paint("a calm sea", 192, 108)
    studio.script = [said({"error": {"message": "rejected by the safety system", "code": "moderation_blocked"}}, 400)]
    with pytest.raises(ProviderUnavailable, match="rejected by the safety system"):
        engine(studio).paint("a calm sea", 192, 108)


def test_identity_names_model_server_and_size(studio: Studio) -> None:
    plain = engine(studio).identity(1920, 1080)
    assert plain == engine(studio, key="other").identity(1280, 720)
    assert plain != engine(studio, "dall-e-3").identity(1920, 1080)
    assert plain != OpenAiPainter().identity(1920, 1080)
