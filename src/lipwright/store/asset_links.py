"""Links to assets that end by themselves: a token that only the service can make, for one asset of one workspace."""

import base64
import hashlib
import hmac
import json
import os
import re
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pydantic import SecretStr

from lipwright.errors import StorageFailed, TokenInvalid

_PURPOSE: Final = b"lipwright asset link 1\n"
"""Signed with the content, so that nothing else that the same key signs is taken for a link."""
_KEY_BYTES: Final = 32
_LONGEST: Final = 1024


@dataclass(frozen=True, slots=True)
class Link:
    """What a token allows."""

    digest: str
    workspace: str
    expires_s: int
    """Since 1970, UTC."""


def sign_token(key: SecretStr, digest: str, workspace: str, expires_s: int) -> str:
    """A token for an asset, in letters that a URL may hold.

    Args:
        expires_s: when it ends, in seconds since 1970.
    """
    content = json.dumps([digest, workspace, expires_s], separators=(",", ":")).encode()
    return f"{_text(content)}.{_text(_signature(key, content))}"


def check_token(key: SecretStr, token: str, now_s: float) -> Link:
    """What a token allows now.

    Raises: TokenInvalid: it is none of this service's, or it has ended.
    """
    invalid = TokenInvalid("The link is not valid. Ask for a new one.")
    found = re.fullmatch(r"([\w-]+)\.([\w-]+)", token, re.ASCII) if len(token) <= _LONGEST else None
    if found is None:
        raise invalid
    try:
        content, signature = (base64.urlsafe_b64decode(f"{part}==") for part in found.groups())
    except ValueError as exc:
        raise invalid from exc
    canonical = f"{_text(content)}.{_text(signature)}"  # the last letter of each part carries bits that mean nothing
    if canonical != token or not hmac.compare_digest(signature, _signature(key, content)):
        raise invalid
    digest, workspace, expires_s = json.loads(content)
    if now_s >= expires_s:
        raise TokenInvalid("The link has ended. Ask for a new one.")
    return Link(digest, workspace, expires_s)


def kept_key(path: Path) -> SecretStr:
    """The key in a file that only its owner may read; made by whoever asks first.

    Raises: StorageFailed: the file can be neither made nor read, or holds no key.
    """
    try:
        if not path.exists():
            _make_key(path)
        text = path.read_text(encoding="ascii").strip()
    except (OSError, ValueError) as exc:
        raise StorageFailed(
            f"`{path}`: the signing key cannot be kept there ({exc}). Set LIPWRIGHT_SIGNING_KEY."
        ) from exc
    if len(text) < _KEY_BYTES:
        raise StorageFailed(f"`{path}`: holds no signing key. Remove it, or set LIPWRIGHT_SIGNING_KEY.")
    return SecretStr(text)


def _make_key(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    try:
        with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(_KEY_BYTES))
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(new, path)  # unlike a rename, it takes no other process's key away
        except FileExistsError:
            return
    finally:
        new.unlink(missing_ok=True)


def _signature(key: SecretStr, content: bytes) -> bytes:
    secret = key.get_secret_value().encode()
    if not secret:
        raise ValueError("links are signed with a key, and this one is empty")
    return hmac.digest(secret, _PURPOSE + content, hashlib.sha256)


def _text(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode("ascii")
