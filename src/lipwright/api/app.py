"""The application: every resource, and what is around them."""

from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.openapi.utils import get_openapi
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware

from lipwright import __version__, tracing
from lipwright.api import (
    assets,
    avatars,
    batches,
    deliveries,
    estimate,
    events,
    files,
    health,
    jobs,
    metrics,
    providers,
    secrets,
    stages,
    videos,
    voices,
)
from lipwright.api.access import Access
from lipwright.api.bodies import Bodies
from lipwright.api.catalogue import Catalogue
from lipwright.api.envelope import SAFE_HEADERS, Envelope
from lipwright.api.problems import RESPONSES, Problem, problem_response
from lipwright.api.renderers import renderer_router
from lipwright.api.service import Service
from lipwright.api.telemetry import Telemetry
from lipwright.api.traced import Traced

_RESOURCES = (
    jobs,
    stages,
    events,
    estimate,
    videos,
    avatars,
    batches,
    assets,
    files,
    voices,
    providers,
    deliveries,
    secrets,
    health,
    metrics,
)
_ABOUT = """Talking videos, dubs, avatars and videos of scenes as jobs, one by one or by the table.

Upload files, make a job of them, follow its events, download what it made.

Every request under /v1 carries a token, and sees its token's workspace alone. Errors are problem details (RFC 9457).
"""


def build_api(service: Service) -> FastAPI:
    """Make the application. The database is migrated already, and the dispatcher prepared."""
    telemetry = Telemetry(service.database)
    app = FastAPI(
        title="Lipwright",
        version=__version__,
        description=_ABOUT,
        openapi_url="/v1/openapi.json",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        responses=RESPONSES,
        middleware=[
            *([Middleware(Traced)] if tracing.is_on() else []),
            Middleware(Envelope, observe=telemetry.observe),
            Middleware(Access, service=service),
            Middleware(Bodies, limits=service.limits, upload_bytes=round(service.settings.max_upload_gb * 1e9)),
        ],
        exception_handlers={HTTPException: _problem, RequestValidationError: _problem, Exception: _broke},
    )
    app.state.service = service
    app.state.catalogue = Catalogue(service.settings)
    app.state.telemetry = telemetry
    app.state.readiness = health.Readiness(service)
    for resource in _RESOURCES:
        app.include_router(resource.router)
    if service.receivers:
        app.include_router(renderer_router(service.receivers))
    # FastAPI's own way to change the description.
    app.openapi = lambda: _described(app)  # type: ignore[method-assign]
    return app


async def _problem(request: Request, error: Exception) -> Response:
    return problem_response(error, request.state.request_id)


async def _broke(request: Request, error: Exception) -> Response:
    """The answer to what nobody expected, outside of the envelope. The server logs the error behind it."""
    response = problem_response(error, request.state.request_id)
    response.headers.update({**SAFE_HEADERS, "x-request-id": request.state.request_id})
    return response


def _described(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI document."""
    if app.openapi_schema is None:
        document = get_openapi(
            title=app.title, version=app.version, description=app.description, routes=app.routes, tags=app.openapi_tags
        )
        document["components"]["schemas"]["Problem"] = Problem.model_json_schema(
            ref_template="#/components/schemas/Problem/$defs/{model}"
        )
        app.openapi_schema = document
    return app.openapi_schema
