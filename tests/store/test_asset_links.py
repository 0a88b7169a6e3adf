"""A link opens one asset of one workspace, for a while, and nobody else can make one."""

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from lipwright.errors import StorageFailed, TokenInvalid
from lipwright.store.asset_links import Link, check_token, kept_key, sign_token

KEY = SecretStr("a key of this service, long enough")
DIGEST = "ab" * 32


@given(workspace=st.text(min_size=1, max_size=60), expires_s=st.integers(1, 2**40))
def test_token_says_what_was_signed(workspace: str, expires_s: int) -> None:
    token = sign_token(KEY, DIGEST, workspace, expires_s)
    assert check_token(KEY, token, expires_s - 0.5) == Link(DIGEST, workspace, expires_s)
    with pytest.raises(TokenInvalid, match="ended"):
        check_token(KEY, token, expires_s)


def test_token_of_another_key_is_refused() -> None:
    with pytest.raises(TokenInvalid):
        check_token(SecretStr("another key"), sign_token(KEY, DIGEST, "acme", 2000), 1000)


@given(st.data())
def test_changed_token_is_refused(data: st.DataObject) -> None:
    token = sign_token(KEY, DIGEST, "acme", 2000)
    place = data.draw(st.integers(0, len(token) - 1))
    letter = data.draw(st.sampled_from("ABCxyz019-_."))
    changed = token[:place] + letter + token[place + 1 :]
    if changed != token:
        with pytest.raises(TokenInvalid):
            check_token(KEY, changed, 1000)


@given(st.text(max_size=2000))
def test_any_text_is_refused(text: str) -> None:
    with pytest.raises(TokenInvalid):
        check_token(KEY, text, 1000)


def test_empty_key_signs_nothing() -> None:
    with pytest.raises(ValueError, match="empty"):
        sign_token(SecretStr(""), DIGEST, "acme", 2000)


def test_key_is_made_once_and_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "data" / "signing.key"
    with ThreadPoolExecutor(8) as pool:
        keys = {key.get_secret_value() for key in pool.map(lambda _: kept_key(path), range(8))}
    assert len(keys) == 1
    assert len(keys.pop()) >= 32
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [entry.name for entry in path.parent.iterdir()] == ["signing.key"]


def test_file_without_a_key_is_told(tmp_path: Path) -> None:
    (tmp_path / "signing.key").write_text("short")
    with pytest.raises(StorageFailed, match="LIPWRIGHT_SIGNING_KEY"):
        kept_key(tmp_path / "signing.key")
    (tmp_path / "binary.key").write_bytes(b"\xff" * 40)
    with pytest.raises(StorageFailed, match="LIPWRIGHT_SIGNING_KEY"):
        kept_key(tmp_path / "binary.key")
