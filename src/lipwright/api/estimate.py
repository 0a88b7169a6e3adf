"""What a job will take, before it is made: rough, and honest about it."""

from collections.abc import Iterable
from typing import Annotated

from fastapi import APIRouter, Body
from pydantic import Field

from lipwright.api.access import JobReader
from lipwright.api.catalogue import Engines, ProviderView
from lipwright.api.examples import ESTIMATES
from lipwright.api.extent import Extent, extent_of
from lipwright.contracts.job import AvatarSpec, DubSpec, Spec, VideoSpec
from lipwright.contracts.strict import Strict

router = APIRouter(prefix="/v1/estimates", tags=["jobs"])

_WORK_PER_SECOND = {"speak": 0.73, "sync": 0.9, "dub": 3.0, "video": 3.0}
"""Seconds of work for a second of video on two idle cores. `make bench` measures them: a portrait at 1080x1080 that
Kokoro speaks, and a talking head at 1080x1920; a dub, and a video of 1920x1080, promise to take no more than this."""
_FULL_HD_PIXELS = 1920 * 1080
_PHOTO_WORK_S, _CLIP_WORK_S, _CLIP_WORK_PER_SECOND = 7.0, 6.0, 0.6
"""Of an avatar: seconds of work of `lipwright avatar create`, for each photo; for a clip, and for each second of it."""


class EstimateRequest(Strict):
    """What is to be made, and how long it is."""

    spec: Spec
    duration_s: Annotated[float | None, Field(gt=0, le=86_400)] = None
    """Of the video, the recording, or the clip of an avatar. Not needed where a text is spoken."""


class CostView(Strict):
    """What an engine behind a server will be used for."""

    engine: str
    unit: str
    amount: float | None
    """None where nobody can tell before."""


class EstimateView(Strict):
    """A rough figure, without the time in the queue."""

    kind: str
    duration_s: float | None
    """Of the result; null for an avatar."""
    scenes: int | None
    """Of a video; null for other jobs, and for a video whose script an engine invents."""
    work_s: float | None
    """On two idle cores, without a GPU; null when the duration is not known."""
    costs: tuple[CostView, ...]
    """Of engines behind servers that the settings name; empty when all work is done on this machine."""


@router.post("")
def estimate(
    caller: JobReader,
    engines: Engines,
    body: Annotated[EstimateRequest, Body(openapi_examples=ESTIMATES)],
) -> EstimateView:
    """Estimate time and cost of a job. No server is asked, and no file is opened."""
    providers = engines.providers()
    invents = any(one.chosen and one.kind == "script" and one.capability.get("invents") for one in providers)
    extent = extent_of(body.spec, body.duration_s, invents=invents)
    return EstimateView(
        kind=body.spec.kind,
        duration_s=extent.duration_s,
        scenes=extent.scenes,
        work_s=_work_s(body, extent),
        costs=costs_of(body.spec, extent, providers),
    )


def costs_of(spec: Spec, extent: Extent, providers: Iterable[ProviderView]) -> tuple[CostView, ...]:
    """What the chosen engines behind servers count."""
    amounts = {
        "characters": extent.characters,
        "seconds": extent.duration_s,
        "pictures": extent.painted,
        "voices": 1,
    }
    kinds = _kinds(spec, extent)
    units = [
        (one.name, str(one.capability["cost_unit"]))
        for one in providers
        if one.chosen and one.kind in kinds and not one.free
    ]
    return tuple(CostView(engine=name, unit=unit, amount=amounts.get(unit)) for name, unit in units)


def _kinds(spec: Spec, extent: Extent) -> frozenset[str]:
    """What engines are asked to do."""
    if isinstance(spec, DubSpec):
        return frozenset({"tts", "stt", "translate", "separate"})
    if isinstance(spec, AvatarSpec):
        return frozenset({"clone"} if spec.voice_sample is not None else ())
    if isinstance(spec, VideoSpec):
        writes = {"script"} if spec.brief is not None else set()
        paints = {"image"} if extent.painted else set()
        return frozenset({"tts", "storyboard"} | writes | paints)
    return frozenset({"tts"} if spec.text is not None else ())


def _work_s(body: EstimateRequest, extent: Extent) -> float | None:
    spec = body.spec
    if isinstance(spec, AvatarSpec):
        photos = len(spec.poses) + (spec.photo is not None)
        if spec.clip is not None and body.duration_s is None:
            return None
        clip_s = _CLIP_WORK_S + _CLIP_WORK_PER_SECOND * (body.duration_s or 0.0) if spec.clip is not None else 0.0
        return round(photos * _PHOTO_WORK_S + clip_s, 1)
    if extent.duration_s is None:
        return None
    size = spec.width_px * spec.height_px / _FULL_HD_PIXELS if isinstance(spec, VideoSpec) else 1.0
    return round(extent.duration_s * _WORK_PER_SECOND[spec.kind] * size, 1)
