"""What a job will take, before it is made: rough, and honest about it."""

from collections.abc import Iterable
from typing import Annotated

from fastapi import APIRouter, Body
from pydantic import Field

from lipwright.api.access import JobReader
from lipwright.api.catalogue import Engines, ProviderView
from lipwright.api.examples import ESTIMATES
from lipwright.contracts.job import DubSpec, SpeakSpec, Spec, SyncSpec
from lipwright.contracts.strict import Strict

router = APIRouter(prefix="/v1/estimates", tags=["jobs"])

_WORK_PER_SECOND = {"speak": 0.73, "sync": 0.9, "dub": 3.0}
"""Seconds of work for a second of video on two idle cores. `make bench` measures them: a portrait at 1080x1080 that
Kokoro speaks, and a talking head at 1080x1920; a dub promises to take no more than this."""
_CHARACTERS_PER_SECOND = 15.0
"""Of speech at a voice's own pace, in languages with an alphabet."""


class EstimateRequest(Strict):
    """What is to be made, and how long it is."""

    spec: Spec
    duration_s: Annotated[float | None, Field(gt=0, le=86_400)] = None
    """Of the video or the recording. Not needed where a text is spoken."""


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
    """Of the result."""
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
    spec, duration_s = body.spec, body.duration_s
    if duration_s is None and not isinstance(spec, DubSpec) and spec.text is not None:
        speed = spec.speed if isinstance(spec, SpeakSpec) else 1.0
        duration_s = round(len(spec.text) / _CHARACTERS_PER_SECOND / speed, 1)
    return EstimateView(
        kind=spec.kind,
        duration_s=duration_s,
        work_s=None if duration_s is None else round(duration_s * _WORK_PER_SECOND[spec.kind], 1),
        costs=costs_of(spec, duration_s, engines.providers()),
    )


def costs_of(
    spec: SpeakSpec | SyncSpec | DubSpec, duration_s: float | None, providers: Iterable[ProviderView]
) -> tuple[CostView, ...]:
    """What the chosen engines behind servers count: all of them for a dub, the one that speaks for a text."""
    text = None if isinstance(spec, DubSpec) else spec.text
    spoken = None if duration_s is None else round(duration_s * _CHARACTERS_PER_SECOND)
    amounts = {"characters": spoken if text is None else len(text), "seconds": duration_s}
    kinds = {"tts", "stt", "translate", "separate"} if isinstance(spec, DubSpec) else {"tts"} if text else set()
    units = [
        (one.name, str(one.capability["cost_unit"]))
        for one in providers
        if one.chosen and one.kind in kinds and not one.free
    ]
    return tuple(CostView(engine=name, unit=unit, amount=amounts.get(unit)) for name, unit in units)
