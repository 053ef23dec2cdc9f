"""Questions to another node's API over HTTPS: with a token, or signed in as a user for as long as the probe lasts."""

from __future__ import annotations

import ipaddress
import ssl
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from sitewarden.domain.errors import Refusal, Unreachable
from sitewarden.net.probing.http import HttpAnswer, connect, exchange

PREFIX = "/api/v1"
T = TypeVar("T")


class Api:
    """The API of one node. `host` is the name or address that its certificate bears, `address` where it is dialled."""

    def __init__(self, host: str, address: str, number: int, *, ca: Path | None, timeout: float) -> None:
        self._host, self._address, self._number, self._timeout = host, address, number, timeout
        self._ca = ca
        self._headers = {"X-Sitewarden": "1", "Accept": "application/json"}
        self._session = False

    def use_token(self, token: str) -> None:
        """Show an API token with each request."""
        self._headers["Authorization"] = f"Bearer {token}"

    async def sign_in(self, user: str, password: str) -> None:
        """Open a session; raises the server's refusal."""
        answer = await self._exchange("POST", "/session", {"username": user, "password": password})
        cookie = answer.headers.get("set-cookie", "").partition(";")[0]
        if not cookie:
            raise Unreachable("the server opened no session", where=self._place)
        self._headers["Cookie"] = cookie
        self._session = True

    async def sign_out(self) -> None:
        """End the session, where there is one."""
        if self._session:
            self._session = False
            await self._exchange("DELETE", "/session", None)

    async def ask(self, method: str, path: str, type_: type[T], body: Any = None) -> T:
        """Return the answer to one request; raises the server's refusal, or Unreachable."""
        answer = await self._exchange(method, path, body)
        try:
            return msgspec.json.decode(answer.body, type=type_)
        except (msgspec.ValidationError, msgspec.DecodeError) as error:
            raise Unreachable(
                f"the server's answer is not understood ({error})", where=path, remedy="Run the same version on both."
            ) from error

    @property
    def _place(self) -> str:
        return f"{self._host}:{self._number}"

    async def _exchange(self, method: str, path: str, body: Any) -> HttpAnswer:
        headers = dict(self._headers)
        content = b"" if body is None else msgspec.json.encode(body)
        if body is not None:
            headers["Content-Type"] = "application/json"
        try:
            answer = await self._once(method, path, headers, content)
        except ssl.SSLCertVerificationError as fault:
            raise Unreachable(
                f"the certificate of {self._place} is not trusted ({fault.verify_message}), so no secret is sent to it",
                where="--ca",
                remedy=f"Fetch the site's CA from http://{self._host}/ca.crt, compare its fingerprint, give it with --ca FILE.",
            ) from None
        except (OSError, TimeoutError, ValueError) as fault:
            raise Unreachable(
                f"the API of {self._place} does not answer ({fault or type(fault).__name__})",
                where=self._place,
                remedy="Probe without --token and --user, or take --key from `sitewarden probe --open` on the server.",
            ) from None
        if answer.status >= 400:
            raise _refusal(answer, self._place)
        return answer

    async def _once(self, method: str, path: str, headers: dict[str, str], content: bytes) -> HttpAnswer:
        loopback = ipaddress.ip_address(self._address).is_loopback
        try:
            reader, writer = await connect(self._address, self._number, tls=self._tls(), name=self._host, timeout=self._timeout)
        except (ssl.SSLError, ConnectionResetError) as fault:
            if not loopback or isinstance(fault, ssl.SSLCertVerificationError):
                raise
            reader, writer = await connect(self._address, self._number, timeout=self._timeout)
        try:
            return await exchange(reader, writer, self._place, PREFIX + path, method=method, headers=headers, body=content)
        finally:
            writer.transport.abort()

    def _tls(self) -> ssl.SSLContext:
        try:
            return ssl.create_default_context(cafile=str(self._ca) if self._ca else None)
        except (OSError, ssl.SSLError) as fault:
            raise Refusal(f"{self._ca} holds no certificate ({fault})", where="--ca", remedy="Give the CA as PEM.") from None


def _refusal(answer: HttpAnswer, where: str) -> Refusal:
    """Return what the server refused, from its problem document (RFC 9457)."""
    try:
        told = msgspec.json.decode(answer.body)
    except msgspec.DecodeError:
        told = {}
    what = str(told.get("detail") or told.get("title") or f"status {answer.status}") if isinstance(told, dict) else ""
    remedy = str(told.get("remedy", "")) if isinstance(told, dict) else ""
    return Refusal(f"the server refuses: {what}", where=where, remedy=remedy)
