"""Assets: files of a workspace, by their digest."""

from typing import Annotated

from fastapi import APIRouter, Body, Request, Response, status
from pydantic import Field
from starlette.concurrency import run_in_threadpool

from lipwright.api.access import AssetReader, AssetWriter, Served
from lipwright.api.downloads import FILE_RESPONSES, send_file
from lipwright.api.pages import Cursor, Digest, PageLimit, instant
from lipwright.api.service import Service
from lipwright.api.uploads import Received, receive_file
from lipwright.contracts.job import AssetView
from lipwright.contracts.strict import Strict
from lipwright.store.asset_links import sign_token
from lipwright.store.asset_names import clean_name
from lipwright.store.asset_rows import add_asset, get_asset, list_assets
from lipwright.store.assets import LONGEST_LINK_S

router = APIRouter(prefix="/v1/assets", tags=["assets"])
_UPLOAD_FORM = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "additionalProperties": False,
                    "properties": {"file": {"type": "string", "format": "binary"}},
                }
            }
        },
    }
}


class AssetPage(Strict):
    """Some of the assets, newest first."""

    items: tuple[AssetView, ...]
    next_cursor: str | None


class LinkRequest(Strict):
    """How long a link is to work."""

    expires_s: Annotated[int, Field(ge=1, le=LONGEST_LINK_S)] = 3600


class LinkView(Strict):
    """Whoever has the link has the file, until it ends."""

    url: str
    expires_at: str


@router.post(
    "",
    status_code=status.HTTP_201_CREATED,
    responses={200: {"description": "The workspace has this file already; its name stays.", "model": AssetView}},
    openapi_extra=_UPLOAD_FORM,
)
async def upload(caller: AssetWriter, service: Served, request: Request, response: Response) -> AssetView:
    """Upload a file as the field `file` of a multipart form. Its name is only what it is called."""
    receiving = service.assets.receiving(round(service.settings.max_upload_gb * 1e9))
    received = await receive_file(request, receiving)
    view, is_new = await run_in_threadpool(_add, service, caller.workspace, received)
    response.headers["location"] = f"/v1/assets/{view.digest}"
    if not is_new:
        response.status_code = status.HTTP_200_OK
    return view


@router.get("")
def list_all(caller: AssetReader, service: Served, limit: PageLimit = 50, cursor: Cursor = None) -> AssetPage:
    """Show the workspace's assets, newest first."""
    with service.database.read() as c:
        page = list_assets(c, caller.workspace, limit=limit, cursor=cursor)
    return AssetPage(items=tuple(row.view for row in page.items), next_cursor=page.next_cursor)


@router.head("/{digest}", include_in_schema=False)
@router.get("/{digest}", response_class=Response, responses=FILE_RESPONSES)
def download(caller: AssetReader, service: Served, request: Request, digest: Digest) -> Response:
    """Download a file, or a range of it."""
    with service.database.read() as c:
        asset = get_asset(c, caller.workspace, digest).view
    return send_file(request, service.assets, asset)


@router.post("/{digest}/links", status_code=status.HTTP_201_CREATED)
def link(
    caller: AssetReader,
    service: Served,
    request: Request,
    digest: Digest,
    body: Annotated[LinkRequest, Body(openapi_examples={"an hour": {"value": {"expires_s": 3600}}})],
) -> LinkView:
    """Make a link to a file that works without a token until it ends."""
    with service.database.read() as c:
        get_asset(c, caller.workspace, digest)
    ends_s = int(service.clock()) + body.expires_s
    url = service.assets.sign(digest, body.expires_s)
    if url is None:
        token = sign_token(service.signing_key, digest, caller.workspace, ends_s)
        url = str(request.url_for("file", token=token))
    return LinkView(url=url, expires_at=str(instant(ends_s * 1000)))


def _add(service: Service, workspace: str, received: Received) -> tuple[AssetView, bool]:
    stored = received.stored
    with service.database.begin() as c:
        is_new = add_asset(
            c,
            workspace,
            stored.digest,
            name=clean_name(received.name),
            media_type=stored.media_type,
            size_bytes=stored.size_bytes,
            now_ms=service.database.now_ms(c),
        )
        return get_asset(c, workspace, stored.digest).view, is_new
