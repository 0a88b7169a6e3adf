"""Pictures from OpenAI's image API, or from any server that answers as it does, such as LocalAI."""

import base64
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel, Field, SecretStr

from lipwright.errors import MediaError
from lipwright.media.image import flatten, load_image
from lipwright.remote.answer import Answer
from lipwright.remote.client import Request
from lipwright.remote.cost import CostLedger
from lipwright.render.arrays import Pixels
from lipwright.render.backgrounds.base import ImageCapability, ImageEngine
from lipwright.render.backgrounds.download import download
from lipwright.speech.openai import NO_KEY, TIMEOUT_S, URL, openai_client

MODEL: Final = "gpt-image-1"
_GUIDANCE: Final = "An empty background for a video, in which somebody stands in front: no people, no text, no logos."
_SIZES: Final[Mapping[str, tuple[tuple[int, int], ...]]] = {
    "dall-e-2": ((1024, 1024),),
    "dall-e-3": ((1024, 1024), (1792, 1024), (1024, 1792)),
    "": ((1024, 1024), (1536, 1024), (1024, 1536)),
}
"""What models paint, by how their names begin; the last one is for all others."""
_REFUSED: Final = (400, 422)
"""Statuses of servers that do not know a parameter."""
_SMALLEST_SIDE_PX: Final = 256


class _Painted(BaseModel):
    b64_json: str | None = None
    url: str | None = None


class _Usage(BaseModel):
    total_tokens: int = Field(default=0, ge=0)


class _Images(BaseModel):
    """https://platform.openai.com/docs/api-reference/images/object"""

    data: list[_Painted] = Field(min_length=1)
    usage: _Usage | None = None


@dataclass(frozen=True, slots=True)
class _Elsewhere:
    """A picture that is still to be fetched."""

    url: str
    answer: Answer


class OpenAiPainter(ImageEngine):
    """An image model behind an HTTP API.

    Licence: code Apache-2.0, as Lipwright; the model is the server's, under its terms.
    """

    capability = ImageCapability(
        name="openai",
        cost_unit="pictures",
        needs_gpu=False,
        code_licence="Apache-2.0",
        weights_licence="LicenseRef-Terms-Of-The-Server",
    )

    def __init__(
        self,
        *,
        openai_url: str = URL,
        openai_key: SecretStr = NO_KEY,
        openai_image_model: str = MODEL,
        remote_timeout_s: float = TIMEOUT_S,
        remote_requests_per_minute: int = 0,
    ) -> None:
        """
        Args:
            remote_timeout_s: for one answer.
            remote_requests_per_minute: 0 sets no limit.
        """
        self.cost = CostLedger()
        """What its use has cost so far."""
        self._client = openai_client(openai_url, openai_key, remote_timeout_s, remote_requests_per_minute)
        self._model = openai_image_model
        self._timeout_s = remote_timeout_s

    def identity(self, width_px: int, height_px: int) -> str:
        width, height = self._size(width_px, height_px)
        return f"{self.capability.name}, {self._model} at {self._client.server.url}, {width}x{height}: {_GUIDANCE}"

    def paint(self, words: str, width_px: int, height_px: int) -> Pixels:
        width, height = self._size(width_px, height_px)
        asked = {"model": self._model, "prompt": f"{words.strip()}\n\n{_GUIDANCE}", "n": 1, "size": f"{width}x{height}"}
        forms: list[dict[str, Any]] = [asked]
        if not self._model.startswith("gpt-image"):  # those always send the picture itself, and take no such parameter
            forms.insert(0, {**asked, "response_format": "b64_json"})
        for form in forms:
            accepted = () if form is forms[-1] else _REFUSED
            found = self._client.ask(Request("POST", "/images/generations", json=form, accepted=accepted), self._read)
            if isinstance(found, _Elsewhere):  # not within `ask`, which would have another one painted, and paid for
                return _checked(download(found.url, self._client.server, self._timeout_s), found.answer)
            if found is not None:
                return found
        raise AssertionError("the last form accepts no refusal")

    def _read(self, answer: Answer) -> "Pixels | _Elsewhere | None":
        if answer.status in _REFUSED:
            return None
        images = answer.parsed(_Images)
        self.cost.add("pictures", 1)
        if images.usage is not None:
            self.cost.add("tokens", images.usage.total_tokens)
        painted = images.data[0]
        if painted.url and not painted.b64_json:
            return _Elsewhere(painted.url, answer)
        try:
            content = base64.b64decode(painted.b64_json or "", validate=True)
        except ValueError as exc:
            raise answer.invalid("sends a picture that is no base64") from exc
        return _checked(content, answer)

    def _size(self, width_px: int, height_px: int) -> tuple[int, int]:
        """The size it paints whose shape is nearest to the wanted one."""
        sizes = next(sizes for begins, sizes in _SIZES.items() if self._model.startswith(begins))
        wanted = width_px / height_px
        return min(sizes, key=lambda size: max(size[0] / size[1] / wanted, wanted * size[1] / size[0]))


def _checked(content: bytes, answer: Answer) -> Pixels:
    """What was sent, if it is a picture that fills a screen."""
    with tempfile.TemporaryDirectory(prefix="lipwright-") as folder:
        path = Path(folder) / "painted"
        path.write_bytes(content)
        try:
            picture = flatten(load_image(path))
        except MediaError as exc:
            reason = str(exc).replace(f"`{path}`: ", "")
            raise answer.invalid(f"sends a picture that cannot be used ({reason})") from exc
    height, width = picture.shape[:2]
    if min(width, height) < _SMALLEST_SIDE_PX:
        raise answer.invalid(f"sends a picture of {width}x{height} pixels, which is too small")
    return picture
