"""The route of `lipwright speak --renderer`: a picture and words go to a vendor, and a talking video comes back."""

import tempfile
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

from lipwright.contracts.portrait import SYNTHETIC
from lipwright.contracts.progress import Progress
from lipwright.errors import ProviderUnknown, UsageError
from lipwright.media.chapters import read_about
from lipwright.media.claim import claimed
from lipwright.media.image import flatten, load_image, save_image
from lipwright.media.mp3 import write_mp3
from lipwright.media.output import check_writable
from lipwright.media.probe import probe
from lipwright.media.retag import retag
from lipwright.pipeline.clock import StageClock
from lipwright.pipeline.stages.listen import listen
from lipwright.pipeline.stages.recite import recite, recite_key
from lipwright.pipeline.stages.soundtrack import Soundtrack
from lipwright.remote.waiting import cancellable
from lipwright.render.remote.base import RenderedVideo, RenderOrder, VideoRenderer
from lipwright.render.remote.cost import Cost, cheapest, estimate
from lipwright.render.remote.orders import OrderDesk
from lipwright.speech.script import Pause, read_script
from lipwright.speech.tts.base import TextToSpeech
from lipwright.store.digest import file_digest
from lipwright.store.stages import StageStore

WIDE, TALL = (1280, 720), (720, 1280)
"""Sizes that every vendor makes."""


@dataclass(frozen=True, slots=True)
class RemoteRequest:
    """Somebody and what they say. Exactly one of `face` and `vendor_avatar`, and one of `text` and `audio`."""

    output: Path
    face: Path | None = None
    """A photo."""
    vendor_avatar: str | None = None
    """The vendor's id of an avatar of its own."""
    text: str | None = None
    audio: Path | None = None
    voice: str = ""
    """Of the speech engine here; empty for its default one."""
    vendor_voice: str | None = None
    """The vendor's id of a voice: the text goes there instead of a sound."""
    language: str | None = None
    speed: float = 1.0
    lexicon: Path | None = None
    size: tuple[int, int] | None = None
    """None for 1280x720, or for 720x1280 where the photo is taller than wide."""
    take: int = 0
    """Rises when somebody wants it made again, differently."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A renderer that may make the video."""

    renderer: VideoRenderer
    callback_url: str | None
    """Where it calls; None where it is asked now and then."""


@dataclass(frozen=True, slots=True)
class RemoteReport:
    """What was made, and what it cost."""

    output: Path
    duration_s: float
    width_px: int
    height_px: int
    fps: Fraction
    renderer: str
    vendor_id: str
    submissions: int
    is_new: bool
    """Whether something was ordered; else the video was paid for before."""
    cost: Cost
    """Of one video."""
    choice: str
    """Why this renderer; empty where it was named."""
    notes: tuple[str, ...]
    """What went wrong on the way, in the order of its happening."""
    stage_s: tuple[tuple[str, float], ...]


def make_remote_video(
    request: RemoteRequest,
    offers: Sequence[Offer],
    *,
    desk: OrderDesk,
    tts: TextToSpeech | None,
    store: StageStore,
    progress: Progress,
) -> RemoteReport:
    """Have a video made, and wait for it. The same request again is paid for once, also after it was interrupted.

    What leaves this machine is the photo, upright and without what its file says of place and camera, and the speech
    as MP3; or the words, where the vendor speaks them.

    Args:
        offers: one renderer, or several of which the cheapest for this length makes the video.
        tts: speaks the text; None for a recording, and where the vendor speaks.
        store: where what was spoken is kept, and found again.
    Returns: what was made; the video is complete, and coded as the vendor has coded it.
    Raises: InputError, ProviderError, AddressForbidden, OutputError, DatabaseFailed, Cancelled: nothing is left under
        the output's name.
    """
    check_writable(request.output)
    clock = StageClock()
    with claimed(request.output), tempfile.TemporaryDirectory(prefix="lipwright-") as folder:
        with clock.stage("prepare"):
            order, length_s = _order(request, Path(folder), tts, store, progress)
        offer, choice = _chosen(offers, order, length_s)
        ready = replace(order, callback_url=offer.callback_url)
        with clock.stage("order"), cancellable(progress.check_cancelled):
            video = desk.render(offer.renderer, ready, progress)
        progress.stage("finish", None)
        with clock.stage("finish"):
            retag(request.output, video.path, _tags(request.output, video.path))
    return _report(request.output, video, offer.renderer, choice, clock)


def _order(
    request: RemoteRequest, folder: Path, tts: TextToSpeech | None, store: StageStore, progress: Progress
) -> tuple[RenderOrder, float | None]:
    """What is ordered, and how long it will be, where that is known."""
    progress.stage("prepare", None)
    size, face, face_from = request.size or WIDE, None, ""
    if request.face is not None:
        picture = flatten(load_image(request.face, max_side_px=max(size)))
        if request.size is None and picture.shape[0] > picture.shape[1]:
            size = TALL
        face, face_from = folder / "face.png", file_digest(request.face)
        save_image(face, picture)
    if request.vendor_voice is not None:
        if any(isinstance(part, Pause) for part in read_script(request.text or "")):
            raise UsageError("A vendor's voice would read [pause] aloud. Leave it out, or let a voice here speak.")
        order = RenderOrder(
            *size,
            face=face,
            avatar=request.vendor_avatar,
            text=request.text,
            voice=request.vendor_voice,
            face_from=face_from,
        )
        return order, None
    if request.audio is not None:
        spoken, spoken_from = listen(request.audio, progress), file_digest(request.audio)
    elif tts is not None:
        spoken, spoken_from = recite(request, tts, store, progress), recite_key(request, tts).digest
    else:
        raise ProviderUnknown("no speech engine is given for the text. Name one.")
    length_s = _written(spoken, folder / "speech.mp3")
    order = RenderOrder(
        *size,
        face=face,
        avatar=request.vendor_avatar,
        audio=folder / "speech.mp3",
        face_from=face_from,
        audio_from=f"{spoken_from} {request.take}" if request.take else spoken_from,
    )
    return order, length_s


def _written(spoken: Soundtrack, path: Path) -> float:
    with closing(spoken.sound) as sound:
        write_mp3(path, sound.chunks(), sound.sample_rate_hz)
        return float(sound.duration_s)


def _chosen(offers: Sequence[Offer], order: RenderOrder, length_s: float | None) -> tuple[Offer, str]:
    """Who makes it, and why; nothing is sent to a vendor that does not take such an order.

    Raises: UsageError: nobody takes it.
    """
    if len(offers) == 1:
        offers[0].renderer.check(order)
        return offers[0], ""
    if length_s is None:
        raise UsageError(
            "Which renderer is the cheapest depends on the length, and a vendor's voice is known to its"
            " vendor alone. Name a renderer, or let the words be spoken here."
        )
    able, refusals = [], []
    for offer in offers:
        try:
            offer.renderer.check(order)
            able.append(offer)
        except UsageError as exc:
            refusals.append(str(exc))
    if not able:
        raise UsageError(" ".join(refusals) or "No remote renderer is given.")
    best = cheapest([offer.renderer.capability for offer in able], length_s)
    others = [estimate(length_s, offer.renderer.capability) for offer in able]
    told = "; ".join(told_cost(cost) for cost in sorted(others, key=lambda cost: cost.renderer != best.renderer))
    return next(offer for offer in able if offer.renderer.capability.name == best.renderer), f"{length_s:.1f} s: {told}"


def told_cost(cost: Cost) -> str:
    """What some clips cost, for people."""
    price = "price not known" if cost.amount is None else f"{cost.amount} {cost.currency}"
    return f"{cost.renderer}: {price} ({cost.billed_s} s billed)"


def _tags(output: Path, video: Path) -> dict[str, str]:
    """The vendor's tags with the mark of what is synthetic; its title is a number of ours."""
    told = read_about(video).metadata
    comment = told.get("comment", "")
    marked = comment if SYNTHETIC in comment else f"{comment}\n{SYNTHETIC}".strip()
    return {**told, "title": output.stem, "comment": marked}


def _report(
    output: Path, video: RenderedVideo, renderer: VideoRenderer, choice: str, clock: StageClock
) -> RemoteReport:
    picture = probe(output).video
    if picture is None:
        raise AssertionError(f"{output}: a video without a picture was fetched")
    return RemoteReport(
        output=output,
        duration_s=float(picture.duration_s),
        width_px=picture.width_px,
        height_px=picture.height_px,
        fps=picture.fps,
        renderer=video.renderer,
        vendor_id=video.vendor_id,
        submissions=video.submissions,
        is_new=video.is_new,
        cost=estimate(video.duration_s, renderer.capability),
        choice=choice,
        notes=video.told,
        stage_s=tuple(clock.seconds),
    )
