"""Where OpenAI's API is: at OpenAI, or at any server that answers as it does, such as vLLM, Ollama or Speaches."""

from typing import Final

from pydantic import SecretStr

from lipwright.remote.client import Limits, RemoteClient
from lipwright.remote.server import Server

URL: Final = "https://api.openai.com/v1"
NO_KEY: Final = SecretStr("")
TIMEOUT_S: Final = 120.0


def openai_client(url: str, key: SecretStr, timeout_s: float, requests_per_minute: int) -> RemoteClient:
    """A client of one server; nothing is sent yet."""
    server = Server(
        engine="openai",
        url=url,
        key=key,
        key_header="Authorization",
        key_prefix="Bearer ",
        url_variable="LIPWRIGHT_OPENAI_URL",
        key_variable="LIPWRIGHT_OPENAI_KEY",
        keyed_host="api.openai.com",
    )
    return RemoteClient(server, Limits(answer_s=timeout_s, requests_per_minute=requests_per_minute))
