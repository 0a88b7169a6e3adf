"""A file on its way out: whole or a range of it, and never as something that a browser would run."""

import unicodedata
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from lipwright.api.ranges import wanted_range
from lipwright.contracts.job import AssetView
from lipwright.store.assets import AssetStore

FILE_RESPONSES: dict[int | str, dict[str, object]] = {
    200: {"description": "The file.", "content": {"*/*": {"schema": {"type": "string", "format": "binary"}}}},
    206: {"description": "A range of it.", "content": {"*/*": {"schema": {"type": "string", "format": "binary"}}}},
    304: {"description": "The caller has it already."},
}


def send_file(request: Request, assets: AssetStore, asset: AssetView) -> Response:
    """Answer with a file, or with what the request's headers want of it.

    Raises: AssetNotFound, StorageFailed; HTTPException: 416.
    """
    etag = f'"{asset.digest}"'
    headers = {
        "etag": etag,
        "accept-ranges": "bytes",
        "cache-control": "private, no-cache",
        "content-disposition": disposition(asset.name),
    }
    if _names(request.headers.get("if-none-match"), etag):
        return Response(status_code=304, headers=headers)
    current = request.headers.get("if-range") in {None, etag}
    wanted = wanted_range(request.headers.get("range"), asset.size_bytes) if current else None
    start, end = (wanted.start, wanted.end) if wanted else (0, asset.size_bytes)
    headers["content-length"] = str(end - start)
    if wanted:
        headers["content-range"] = f"bytes {start}-{end - 1}/{asset.size_bytes}"
    status = 206 if wanted else 200
    if request.method == "HEAD":
        return Response(status_code=status, headers=headers, media_type=asset.media_type)
    pieces = assets.open_range(asset.digest, start, end)
    return StreamingResponse(pieces, status, headers, media_type=asset.media_type)


def disposition(name: str) -> str:
    """The header that has a file saved under its name (RFC 6266): plain letters for old programs, then all of it."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    plain = "".join(letter if letter.isalnum() or letter in " ._-()" else "_" for letter in plain).strip(" .") or "file"
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='', errors='replace')}"


def _names(header: str | None, etag: str) -> bool:
    return header is not None and any(one.strip().removeprefix("W/") in {etag, "*"} for one in header.split(","))
