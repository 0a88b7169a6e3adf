"""A vendor's video engine, spoken to as its shape says."""

import math
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote, urlsplit

from pydantic import RootModel, SecretStr

from lipwright.errors import (
    ProviderError,
    ProviderRefused,
    ProviderUnavailable,
    QuotaExhausted,
    RateLimited,
    UsageError,
)
from lipwright.remote.addresses import Guard
from lipwright.remote.answer import Answer
from lipwright.remote.client import Limits, RemoteClient, Request, Unreachable
from lipwright.remote.cost import CostLedger
from lipwright.remote.server import Server
from lipwright.render.remote.base import Fetched, NotTaken, Phase, RenderOrder, VendorState, VideoRenderer
from lipwright.render.remote.check import check_video
from lipwright.render.remote.cost import estimate
from lipwright.render.remote.download import download
from lipwright.render.remote.shape import FindTable, Shape
from lipwright.render.remote.template import filled, looked_up, merged, text_at
from lipwright.render.remote.upload import upload

NO_KEY: Final = SecretStr("")
_PAGES: Final = 10
"""Of the vendor's list, newest first."""
_ANSWER_BYTES: Final = 8 << 20


class _Document(RootModel[Any]):
    """Any JSON."""


class ServedRenderer(VideoRenderer):
    """A renderer made of a shape. Requests are sent once; whoever asks decides whether to ask again.

    Licence: code Apache-2.0, as Lipwright; the model is the vendor's, under its terms.
    """

    def __init__(
        self,
        shape: Shape,
        key: SecretStr = NO_KEY,
        *,
        url: str = "",
        guard: Guard | None = None,
        timeout_s: float = 120.0,
        requests_per_minute: int = 0,
        now: Callable[[], float] = time.time,
    ) -> None:
        """
        Args:
            url: another server that answers as the vendor does, for files too; empty for the vendor's own.
            guard: judges where finished videos lie; None for public addresses alone.
            timeout_s: for one answer.
            requests_per_minute: 0 sets no limit.
        """
        self.cost = CostLedger()
        """What the videos that it brought here are billed for."""
        self.shape = shape
        self.capability = shape.able
        self._guard = guard or Guard()
        self._timeout_s, self._now = timeout_s, now
        self._uploads = _server(shape, url or shape.server.upload_url or shape.server.url, key)
        self._client = RemoteClient(
            _server(shape, url or shape.server.url, key),
            Limits(
                tries=1,
                answer_s=timeout_s,
                requests_per_minute=requests_per_minute,
                in_flight=8,
                answer_bytes=_ANSWER_BYTES,
            ),
            now=now,
        )

    def check(self, order: RenderOrder) -> None:
        able, name = self.capability, self.shape.name
        kinds = (
            (order.face, able.accepts_face, "pictures of your own. Name one of its avatars"),
            (order.avatar, able.accepts_avatar, "avatars. Give a picture"),
            (order.audio, able.accepts_audio, "recordings. Give a text"),
            (order.text, able.accepts_text, "texts. Give a recording"),
        )
        for given, accepted, words in kinds:
            if given is not None and not accepted:
                raise UsageError(f"{name}: does not take {words}.")
        long_px, short_px = max(order.width_px, order.height_px), min(order.width_px, order.height_px)
        most_px = sorted((able.max_width_px, able.max_height_px))
        if short_px > most_px[0] or long_px > most_px[1]:
            raise UsageError(
                f"{name}: makes videos up to {able.max_width_px}x{able.max_height_px}, not {order.width_px}x"
                f"{order.height_px}. Ask for a smaller one."
            )

    def prepare(self, order: RenderOrder) -> Mapping[str, str]:
        files: dict[str, str] = {}
        for name, path, table in (
            ("face", order.face, self.shape.face),
            ("audio", order.audio, self.shape.audio),
        ):
            if path is not None and table is not None:
                answer = upload(self._uploads, table, path, self._timeout_s, self._now)
                files[name] = text_at(_document(answer), table.result)
                if not files[name]:
                    raise answer.invalid(f"takes the {name} and does not say what it calls it")
        return files

    def submit(self, order: RenderOrder, files: Mapping[str, str], reference: str) -> str:
        table = self.shape.submit
        template = merged(
            table.body,
            table.face if order.face else table.avatar,
            table.audio if order.audio else table.text,
        )
        body = filled(template, {**_places(order), "face": None, "audio": None, **files, "reference": reference})

        def read(answer: Answer) -> str:
            document = _document(answer)
            vendor_id = text_at(document, table.id)
            reason = text_at(document, table.error)
            if not vendor_id and reason:
                raise NotTaken(
                    ProviderUnavailable(
                        f"{self.shape.name}: does not take the order ({self._client.server.quoted(reason)})."
                        " Change it, or look at your account there."
                    )
                )
            if not vendor_id:
                raise answer.invalid("takes an order and gives it no id")
            return vendor_id

        try:
            return self._client.ask(Request("POST", table.path, json=body, repeatable=False), read)
        except ProviderError as exc:
            if isinstance(exc, NotTaken) or not _is_surely_refused(exc):
                raise
            raise NotTaken(exc) from exc

    def state(self, vendor_id: str) -> VendorState:
        table = self.shape.state
        path = table.path.replace("{id}", quote(vendor_id, safe=""))

        def read(answer: Answer) -> VendorState:
            if answer.status in table.unknown_statuses:
                return VendorState(Phase.UNKNOWN)
            document = _document(answer)
            word, url = text_at(document, table.status), text_at(document, table.url)
            if word in table.failed:
                return VendorState(
                    Phase.FAILED, reason=self._client.server.quoted(text_at(document, table.reason)) or word
                )
            if word in table.working:
                return VendorState(Phase.WORKING)
            if word not in table.done or not url:
                raise answer.invalid(f"says `{self._client.server.quoted(word)}` of a video, without an address")
            length = looked_up(document, table.duration) if table.duration else None
            is_length = isinstance(length, (int, float)) and not isinstance(length, bool) and 0 < length < math.inf
            return VendorState(Phase.DONE, url, float(length) if is_length and length is not None else None)

        return self._client.ask(Request("GET", path, accepted=table.unknown_statuses), read)

    def find(self, reference: str) -> str | None:
        table = self.shape.find
        if table is None:
            return None
        token = ""
        for _ in range(_PAGES):
            found, token = self._page(table, reference, token)
            if found or not token:
                return found or None
        return None

    def fetch(self, state: VendorState, target: Path, expected_s: float | None) -> Fetched:
        sha256 = download(state.url, target, self._guard, self.shape.name, self._timeout_s)
        try:
            clip = check_video(target, self.shape.name, expected_s or state.duration_s)
        except BaseException:
            target.unlink(missing_ok=True)
            raise
        self.cost.add("seconds", estimate(float(clip.duration_s), self.capability).billed_s)
        return Fetched(target, sha256, clip)

    def _page(self, table: FindTable, reference: str, token: str) -> tuple[str, str]:
        """The id of the video with this reference on a page of the list, and the token of the next page."""

        def read(answer: Answer) -> tuple[str, str]:
            document = _document(answer)
            videos = looked_up(document, table.videos)
            if not isinstance(videos, list):
                raise answer.invalid("sends no list of videos")
            for video in videos:
                if text_at(video, table.reference) == reference:
                    return text_at(video, table.id), ""
            return "", text_at(document, table.next) if videos else ""

        query = {table.token: token} if token else {}
        path, _, fixed = table.path.partition("?")
        query |= dict(part.split("=", 1) for part in fixed.split("&") if "=" in part)
        return self._client.ask(Request("GET", path, query=query), read)


def _server(shape: Shape, url: str, key: SecretStr) -> Server:
    return Server(
        engine=shape.name,
        url=url,
        key=key,
        key_header=shape.server.key_header,
        key_prefix=shape.server.key_prefix,
        url_variable=shape.url_variable,
        key_variable=shape.key_variable,
        keyed_host=urlsplit(shape.server.url).hostname or "",
    )


def _is_surely_refused(error: ProviderError) -> bool:
    """Whether a failed submission has certainly ordered nothing: it never arrived, or was refused with a status."""
    if isinstance(error, (Unreachable, RateLimited)):
        return True
    return isinstance(error, (ProviderUnavailable, ProviderRefused, QuotaExhausted)) and not error.retryable


def _document(answer: Answer) -> Any:
    return answer.parsed(_Document).root


def _places(order: RenderOrder) -> dict[str, str | int | None]:
    divisor = math.gcd(order.width_px, order.height_px)
    short_px = min(order.width_px, order.height_px)
    return {
        "text": order.text,
        "voice": order.voice,
        "avatar": order.avatar,
        "width_px": order.width_px,
        "height_px": order.height_px,
        "resolution": "720p" if short_px <= 720 else "1080p" if short_px <= 1080 else "4k",
        "aspect_ratio": f"{order.width_px // divisor}:{order.height_px // divisor}",
        "callback_url": order.callback_url,
    }
