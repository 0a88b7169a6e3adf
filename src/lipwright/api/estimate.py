"""What a job will take, before it is made: rough, and honest about it."""

from typing import Annotated

from fastapi import APIRouter, Body
from pydantic import Field

from lipwright.api.access import JobReader, Served
from lipwright.api.catalogue import Engines, ProviderView
from lipwright.api.examples import ESTIMATES
from lipwright.contracts.job import DubSpec, Spec, Strict
from lipwright.settings import Settings

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
    service: Served,
    engines: Engines,
    body: Annotated[EstimateRequest, Body(openapi_examples=ESTIMATES)],
) -> EstimateView:
    """Estimate time and cost of a job. No server is asked, and no file is opened."""
    spec = body.spec
    text = None if isinstance(spec, DubSpec) else spec.text
    duration_s = body.duration_s
    if duration_s is None and text is not None and not isinstance(spec, DubSpec):
        duration_s = round(len(text) / _CHARACTERS_PER_SECOND / (spec.speed if spec.kind == "speak" else 1), 1)
    work_s = None if duration_s is None else round(duration_s * _WORK_PER_SECOND[spec.kind], 1)
    characters = len(text) if text is not None else _spoken(duration_s)
    amounts = {"characters": characters, "seconds": duration_s}
    return EstimateView(
        kind=spec.kind,
        duration_s=duration_s,
        work_s=work_s,
        costs=tuple(
            CostView(engine=one.name, unit=unit, amount=amounts.get(unit))
            for one in engines.providers()
            if _is_used(one, service.settings, dub=isinstance(spec, DubSpec), spoken=text is not None)
            and (unit := str(one.capability["cost_unit"]))
        ),
    )


def _spoken(duration_s: float | None) -> float | None:
    return None if duration_s is None else round(duration_s * _CHARACTERS_PER_SECOND)


def _is_used(one: ProviderView, settings: Settings, *, dub: bool, spoken: bool) -> bool:
    """Whether a job costs something for an engine: a dub uses all of them, a text the one that speaks."""
    if one.free or not one.chosen or one.kind == "clone":
        return False
    return dub or (spoken and one.kind == "tts")
