"""A server that stands for Google Cloud Storage, as far as its XML API is used here, in this process and in memory.

No package of a registry answers what obstore asks: gcp-storage-emulator has no lists, no parts and no HEAD in XML. This
one does what Google documents, also where it is unlike S3: removing what is not there is an error, an object's own time
is in whole seconds while a list tells milliseconds, and who asks is known by a token or a link that a key has signed.

Source: https://cloud.google.com/storage/docs/xml-api/reference-methods, .../xml-api/reference-headers,
.../access-control/signing-urls-manually, .../multipart-uploads.
"""

import base64
import email.utils
import hashlib
import json
import re
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit
from xml.etree import ElementTree as Xml
from xml.sax.saxutils import escape

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

ACCOUNT = "tester@project.iam.gserviceaccount.com"
HOST = "storage.googleapis.com"
LEAST_PART_BYTES = 5 << 20
"""Of all parts but the last one."""
PAGE = 3
"""Keys of a list; Google gives 1000."""


@dataclass
class Stored:
    content: bytes
    media_type: str
    time_s: float
    generation: int

    @property
    def e_tag(self) -> str:
        return f'"{hashlib.md5(self.content, usedforsecurity=False).hexdigest()}"'


class Refused(Exception):
    def __init__(self, status: int, code: str) -> None:
        self.status, self.code = status, code


@dataclass
class GoogleStorage:
    """Its buckets, and the one account that may use them."""

    buckets: dict[str, dict[str, Stored]] = field(default_factory=dict)
    uploads: dict[str, dict[int, Stored]] = field(default_factory=dict)
    asked: list[tuple[str, str]] = field(default_factory=list)
    url: str = ""

    def __post_init__(self) -> None:
        self._key = rsa.generate_private_key(public_exponent=65537, key_size=2048)

    def key_file(self) -> str:
        """What Google gives to who makes a service account, with this server's address in it."""
        pem = self._key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        named = {"type": "service_account", "client_email": ACCOUNT, "private_key_id": "key-1"}
        return json.dumps({**named, "private_key": pem.decode(), "gcs_base_url": self.url})

    def check_token(self, token: str) -> None:
        """Refuse what this account did not sign (RFC 7515), or not for now."""
        try:
            head, claims, signature = token.removeprefix("Bearer ").split(".")
            self._verify(_unpadded(signature), f"{head}.{claims}".encode())
            said = json.loads(_unpadded(claims))
        except (ValueError, InvalidSignature) as exc:
            raise Refused(401, "AuthenticationRequired") from exc
        if said["iss"] != ACCOUNT or not said["iat"] - 300 < time.time() < said["exp"]:
            raise Refused(401, "AuthenticationRequired")

    def check_link(self, method: str, target: str) -> None:
        """Refuse a link that the account did not sign for Google's own host, or whose time is over."""
        path, _, query = target.partition("?")
        signed, _, signature = query.rpartition("&X-Goog-Signature=")
        given = {name: values[0] for name, values in parse_qs(query).items()}
        date, scope = given["X-Goog-Date"], given["X-Goog-Credential"].partition("/")[2]
        canonical = "\n".join((method, path, signed, f"host:{HOST}", "", "host", "UNSIGNED-PAYLOAD"))
        text = "\n".join(("GOOG4-RSA-SHA256", date, scope, hashlib.sha256(canonical.encode()).hexdigest()))
        try:
            self._verify(bytes.fromhex(signature), text.encode())
        except (ValueError, InvalidSignature) as exc:
            raise Refused(403, "SignatureDoesNotMatch") from exc
        begin_s = datetime.strptime(date, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC).timestamp()
        if time.time() > begin_s + int(given["X-Goog-Expires"]):
            raise Refused(400, "ExpiredToken")

    def _verify(self, signature: bytes, text: bytes) -> None:
        self._key.public_key().verify(signature, text, padding.PKCS1v15(), hashes.SHA256())


def _unpadded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    storage: GoogleStorage

    def handle_any(self) -> None:
        content = self.rfile.read(int(self.headers.get("content-length") or 0))
        address = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(address.query, keep_blank_values=True).items()}
        bucket, _, key = unquote(address.path.lstrip("/")).partition("/")
        self.storage.asked.append((self.command, key))
        try:
            if "X-Goog-Signature" in query:
                self.storage.check_link(self.command, self.path)
                query = {}
            else:
                self.storage.check_token(self.headers.get("authorization", ""))
            if bucket not in self.storage.buckets:
                raise Refused(404, "NoSuchBucket")
            objects = self.storage.buckets[bucket]
            if not key:
                self._list(objects, query)
            elif "uploads" in query or "uploadId" in query:
                self._part(objects, key, query, content)
            else:
                self._object(objects, key, content)
        except Refused as no:
            self._answer(no.status, f"<Error><Code>{no.code}</Code></Error>")

    def _object(self, objects: dict[str, Stored], key: str, content: bytes) -> None:
        if self.command == "PUT":
            objects[key] = self._new(content)
            self._answer(200, "", objects[key])
            return
        if key not in objects:
            raise Refused(404, "NoSuchKey")
        stored = objects[key]
        if self.command == "DELETE":
            del objects[key]
            self._answer(204, "")
            return
        asked = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("range", ""))
        if asked is None:
            self._answer(200, stored.content, stored)
            return
        size = len(stored.content)
        start, last = int(asked[1]), min(int(asked[2] or size - 1), size - 1)
        if start >= size:
            raise Refused(416, "InvalidRange")
        self._answer(206, stored.content[start : last + 1], stored, f"bytes {start}-{last}/{size}")

    def _list(self, objects: dict[str, Stored], query: dict[str, str]) -> None:
        if self.command != "GET" or query.get("list-type") != "2":
            raise Refused(400, "InvalidArgument")
        after = query.get("continuation-token", query.get("start-after", ""))
        names = sorted(name for name in objects if name.startswith(query.get("prefix", "")) and name > after)
        shown = names[:PAGE]
        entries = "".join(
            f"<Contents><Key>{escape(name)}</Key><LastModified>{_iso(objects[name].time_s)}</LastModified>"
            f"<ETag>{escape(objects[name].e_tag)}</ETag><Size>{len(objects[name].content)}</Size></Contents>"
            for name in shown
        )
        is_cut = len(names) > len(shown)
        more = f"<NextContinuationToken>{escape(shown[-1])}</NextContinuationToken>" if is_cut else ""
        flags = f"<IsTruncated>{str(is_cut).lower()}</IsTruncated><KeyCount>{len(shown)}</KeyCount>"
        self._answer(200, f"<ListBucketResult>{flags}{more}{entries}</ListBucketResult>")

    def _part(self, objects: dict[str, Stored], key: str, query: dict[str, str], content: bytes) -> None:
        uploads = self.storage.uploads
        if "uploads" in query:
            upload = secrets.token_urlsafe(12)
            uploads[upload] = {}
            said = f"<Key>{escape(key)}</Key><UploadId>{upload}</UploadId>"
            self._answer(200, f"<InitiateMultipartUploadResult>{said}</InitiateMultipartUploadResult>")
            return
        parts = uploads.get(query["uploadId"])
        if parts is None:
            raise Refused(404, "NoSuchUpload")
        if self.command == "PUT":
            parts[int(query["partNumber"])] = part = self._new(content)
            self._answer(200, "", part)
            return
        del uploads[query["uploadId"]]
        if self.command == "DELETE":
            self._answer(204, "")
            return
        whole = self._new(b"".join(_named(parts, content)))
        objects[key] = whole
        said = f"<Key>{escape(key)}</Key><ETag>{escape(whole.e_tag)}</ETag>"
        self._answer(200, f"<CompleteMultipartUploadResult>{said}</CompleteMultipartUploadResult>", whole)

    def _new(self, content: bytes) -> Stored:
        media_type = self.headers.get("content-type", "application/octet-stream")
        return Stored(content, media_type, time.time(), time.time_ns() // 1000)

    def _answer(self, status: int, said: str | bytes, stored: Stored | None = None, content_range: str = "") -> None:
        body = said.encode() if isinstance(said, str) else said
        self.send_response(status)
        if stored is not None:
            self.send_header("ETag", stored.e_tag)
            self.send_header("Last-Modified", email.utils.formatdate(stored.time_s, usegmt=True))
            self.send_header("x-goog-generation", str(stored.generation))
        self.send_header(
            "Content-Type", "application/xml" if isinstance(said, str) or not stored else stored.media_type
        )
        if content_range:
            self.send_header("Content-Range", content_range)
        if status != 204:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD" and status != 204:
            self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


def _named(parts: dict[int, Stored], content: bytes) -> Iterator[bytes]:
    """The parts that a completion names; all of them, as they came."""
    named = [
        (int(one.findtext("{*}PartNumber", "0")), one.findtext("{*}ETag", ""))
        for one in Xml.fromstring(content).iterfind("{*}Part")  # noqa: S314 our own client's words
    ]
    if [number for number, _ in named] != sorted(parts) or any(parts[number].e_tag != tag for number, tag in named):
        raise Refused(400, "InvalidPart")
    *but_last, _ = named
    if any(len(parts[number].content) < LEAST_PART_BYTES for number, _ in but_last):
        raise Refused(400, "EntityTooSmall")
    for number, _ in named:
        yield parts[number].content


def _iso(time_s: float) -> str:
    return datetime.fromtimestamp(time_s, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


@contextmanager
def google_storage() -> Iterator[GoogleStorage]:
    storage = GoogleStorage()
    methods = {f"do_{method}": _Handler.handle_any for method in ("GET", "HEAD", "PUT", "POST", "DELETE")}
    handler = type("Handler", (_Handler,), {"storage": storage, **methods})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        storage.url = f"http://127.0.0.1:{server.server_port}"
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield storage
        server.shutdown()
