"""JSON-RPC over HTTP: one call, one bounded answer, and only Delea's errors.

Every call has a time limit and every answer a size limit; nothing is tried twice, so a
transaction is never sent twice.
"""

import json
import time
from typing import Any
from urllib.parse import urlsplit

import requests
from urllib3.exceptions import HTTPError
from urllib3.exceptions import TimeoutError as TimeoutError_

from delea.chain.revert import reason_of
from delea.errors import ChainError, RevertError, UnreachableError, UsageError

CONNECT_S = 1.5
ANSWER_S = 4.0
MAX_ANSWER_BYTES = 32 << 20
_LOOPBACK = {"127.0.0.1", "::1", "localhost"}
_REVERTED = 3  # the JSON-RPC error code of a call that the EVM reverted


class Rpc:
    """A node at a URL."""

    def __init__(self, url: str, *, answer_s: float = ANSWER_S) -> None:
        try:
            parts = urlsplit(url)
            host, port = parts.hostname, parts.port
        except ValueError:
            raise UsageError(f"an http(s) URL expected, got {url[:80]!r}") from None
        if parts.scheme not in {"http", "https"} or not host:
            raise UsageError(f"an http(s) URL expected, got {url[:80]!r}")
        self.url = url
        # A path or a password may be a secret of the user's: messages show neither.
        self.shown = f"{parts.scheme}://{host}" + (f":{port}" if port else "")
        self._answer_s = answer_s
        self._session = requests.Session()
        self._session.trust_env = host not in _LOOPBACK  # no proxy on the way to ourselves
        self._count = 0

    def call(self, method: str, *params: Any) -> Any:
        """Return the result of a call.

        Raises:
            UnreachableError: if nothing answers in time, or not as a chain does.
            RevertError: if a contract refused.
            ChainError: if the node refused.
        """
        self._count += 1
        request = {"jsonrpc": "2.0", "id": self._count, "method": method, "params": params}
        answer = self._parse(self._post(json.dumps(request).encode()))
        if "error" in answer:
            raise _refusal(method, answer["error"])
        if "result" not in answer:
            raise UnreachableError(f"a JSON-RPC answer expected from {self.shown}, got none")
        return answer["result"]

    def close(self) -> None:
        """Close the connection."""
        self._session.close()

    def _post(self, body: bytes) -> bytes:
        deadline = time.monotonic() + self._answer_s
        answer = bytearray()
        try:
            with self._session.post(
                self.url,
                data=body,
                headers={"Content-Type": "application/json", "Accept-Encoding": "identity"},
                timeout=(min(CONNECT_S, self._answer_s), self._answer_s),
                allow_redirects=False,
                stream=True,
            ) as response:
                # One read of the socket at a time: a whole piece could take for ever to arrive.
                while piece := response.raw.read1(1 << 16):
                    answer += piece
                    if len(answer) > MAX_ANSWER_BYTES or time.monotonic() > deadline:
                        raise UnreachableError(f"{self.shown} answers too much or too slowly")
        except (requests.Timeout, TimeoutError_):
            raise UnreachableError(
                f"no answer from {self.shown} within {self._answer_s:g} s"
            ) from None
        except (requests.RequestException, HTTPError, OSError, ValueError):
            raise UnreachableError(f"no chain answers at {self.shown}") from None
        return bytes(answer)

    def _parse(self, body: bytes) -> dict[str, Any]:
        try:
            answer = json.loads(body)
        except (ValueError, RecursionError):
            answer = None
        if not isinstance(answer, dict):
            raise UnreachableError(f"a JSON-RPC answer expected from {self.shown}, got another")
        return answer


def _refusal(method: str, error: Any) -> ChainError:
    """Return what a JSON-RPC error means, as an error of ours."""
    fields = error if isinstance(error, dict) else {}
    message = " ".join(str(fields.get("message", error)).split())[:200]
    if fields.get("code") == _REVERTED or "revert" in message.lower():
        return RevertError(reason_of(fields.get("data"), message))
    return ChainError(f"the chain refused {method}: {message}")
