"""Files behind links: the link itself says who may have which file, and until when."""

from typing import Annotated

from fastapi import APIRouter, Path, Request, Response

from lipwright.api.access import Served
from lipwright.api.downloads import FILE_RESPONSES, send_file
from lipwright.store.asset_links import check_token
from lipwright.store.asset_rows import get_asset

router = APIRouter(prefix="/v1/files", tags=["assets"])


@router.head("/{token}", include_in_schema=False)
@router.get("/{token}", name="file", response_class=Response, responses=FILE_RESPONSES)
def download(
    service: Served,
    request: Request,
    token: Annotated[str, Path(max_length=1024, description="The end of a link, as `POST .../links` gave it.")],
) -> Response:
    """Download the file of a link, or a range of it."""
    link = check_token(service.signing_key, token, service.clock())
    with service.database.read() as c:
        asset = get_asset(c, link.workspace, link.digest).view
    return send_file(request, service.assets, asset)
