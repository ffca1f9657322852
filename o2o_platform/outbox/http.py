"""Outgoing HTTP to addresses other people typed in.

The address is checked on the very socket address that is connected to, so a name that
resolves differently a moment later gains nothing. A call has one total deadline, from
resolving to the last byte, and reads 64 kB at most. Redirects are not followed, proxies
and credentials of the environment are not used. Connections are kept alive.
"""

from __future__ import annotations

import functools
import io
import socket
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http.client import HTTPResponse
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, Timeout
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError, LocationParseError, ReadTimeoutError
from urllib3.util import parse_url

from .addresses import may_connect

BODY_LIMIT = 64 * 1024
# Sets of connections kept, by receiver, and connections kept in each: as many as ever send at once.
RECEIVERS_KEPT, CONNECTIONS_KEPT = 256, 32


class CallFailed(Exception):
    """No complete answer; the message says why."""


class AddressRefused(CallFailed):
    """The URL is malformed, or its name leads to an address we never call."""


class TooSlow(CallFailed):
    """No complete answer within the deadline."""


class Unreachable(CallFailed):
    """The name does not resolve, or the connection failed or broke."""


@dataclass(frozen=True, slots=True)
class Response:
    """A complete answer: status, headers, and the first 64 kB of the body."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def retry_after(self) -> float | None:
        """Seconds the receiver asks us to wait, given as seconds or as a date; None when it says nothing usable."""
        asked = self.headers.get("Retry-After", "").strip()
        if asked.isdecimal():
            return float(asked)
        try:
            moment = parsedate_to_datetime(asked)
        except (ValueError, OverflowError):
            return None
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        return max(0.0, (moment - datetime.now(UTC)).total_seconds())


class DeadlineReader(io.RawIOBase):
    """Reads a socket until a moment (monotonic seconds), however many reads it takes."""

    def __init__(self, sock: socket.socket, *, ends_at: float) -> None:
        super().__init__()
        self._sock, self._ends_at = sock, ends_at
        self._raw = sock.makefile("rb", buffering=0)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        left = self._ends_at - time.monotonic()
        if left <= 0:
            raise TimeoutError("deadline passed")
        self._sock.settimeout(left)
        return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()


class _DeadlineResponse(HTTPResponse):
    """An answer whose status line, headers and body share one deadline."""

    def __init__(self, sock: socket.socket, *args: Any, ends_at: float, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        self.fp.close()
        self.fp = io.BufferedReader(DeadlineReader(sock, ends_at=ends_at))


class _Guarded:
    """Mixed into urllib3's connections: checks addresses at connect time, and reads under one deadline."""

    allow_loopback = False

    def _new_conn(self) -> socket.socket:
        return _connect(self._dns_host, self.port, timeout=self.timeout, allow_loopback=self.allow_loopback)

    def getresponse(self) -> Any:
        # urllib3 sets `timeout` to what is left of the total before it reads.
        self.response_class = functools.partial(_DeadlineResponse, ends_at=time.monotonic() + self.timeout)
        return super().getresponse()


class _PublicHTTP(_Guarded, HTTPConnection):
    pass


class _PublicHTTPS(_Guarded, HTTPSConnection):
    pass


class _LoopbackHTTP(_PublicHTTP):
    allow_loopback = True


class _LoopbackHTTPS(_PublicHTTPS):
    allow_loopback = True


def _connect(host: str, port: int, *, timeout: float, allow_loopback: bool) -> socket.socket:
    """A connected socket. Raises AddressRefused, TooSlow, Unreachable."""
    ends_at = time.monotonic() + timeout
    try:
        found = socket.getaddrinfo(host.strip("[]"), port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise Unreachable(f"{host}: {error}") from error
    allowed = [entry for entry in found if may_connect(entry[4][0], allow_loopback=allow_loopback)]
    if not allowed:
        raise AddressRefused(f"{host} leads to an address that is not public")
    failure: OSError | None = None
    for family, kind, protocol, _name, address in allowed:
        left = ends_at - time.monotonic()
        if left <= 0:
            break
        sock = socket.socket(family, kind, protocol)
        try:
            sock.settimeout(left)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            sock.connect(address)
        except OSError as error:
            sock.close()
            failure = error
        else:
            return sock
    if failure is None or isinstance(failure, TimeoutError):
        raise TooSlow(f"{host}: not connected in time") from failure
    raise Unreachable(f"{host}: {failure}") from failure


@functools.cache
def _adapter(allow_loopback: bool) -> HTTPAdapter:
    """The process's kept connections; those that may reach loopback are kept apart."""
    adapter = HTTPAdapter(pool_connections=RECEIVERS_KEPT, pool_maxsize=CONNECTIONS_KEPT, max_retries=0)
    plain, tls = (_LoopbackHTTP, _LoopbackHTTPS) if allow_loopback else (_PublicHTTP, _PublicHTTPS)
    adapter.poolmanager.pool_classes_by_scheme = {
        "http": type("GuardedHTTPPool", (HTTPConnectionPool,), {"ConnectionCls": plain}),
        "https": type("GuardedHTTPSPool", (HTTPSConnectionPool,), {"ConnectionCls": tls}),
    }
    return adapter


def check_url(url: str) -> None:
    """Raises AddressRefused unless `url` is http or https, names a host, and carries no credentials."""
    try:
        parts = parse_url(url)
    except LocationParseError as error:
        raise AddressRefused(f"not a URL: {error}") from error
    if parts.scheme not in ("http", "https") or not parts.host:
        raise AddressRefused("only http:// and https:// addresses are called")
    if parts.auth is not None:
        raise AddressRefused("a URL must not carry a user name or password")


def is_refused_literal(url: str, *, allow_loopback: bool) -> bool:
    """Whether `url` gives, in figures, an address that is never called; a name is only known at connect time."""
    host = (parse_url(url).host or "").strip("[]")
    try:
        return not may_connect(host, allow_loopback=allow_loopback)
    except ValueError:
        return False


def post(
    url: str, body: bytes, headers: Mapping[str, str], *, deadline_s: float, allow_loopback: bool = False
) -> Response:
    """POST `body` and return the answer, whatever its status; a redirect is an answer too.

    Raises AddressRefused, TooSlow, Unreachable. Do not call it inside a transaction.
    """
    check_url(url)
    ends_at = time.monotonic() + deadline_s
    sent_headers = {"Accept": "*/*", "Accept-Encoding": "identity", **headers}
    try:
        request = requests.Request("POST", url, headers=sent_headers, data=body).prepare()
        # The bare adapter, not a session: no redirects, cookies, netrc or proxies.
        answer = _adapter(allow_loopback).send(request, stream=True, timeout=Timeout(total=deadline_s))
        content = answer.raw.read(BODY_LIMIT + 1, decode_content=False)
        if len(content) > BODY_LIMIT:
            answer.raw.close()
    except (requests.exceptions.InvalidURL, requests.exceptions.InvalidSchema) as error:
        raise AddressRefused(str(error)) from error
    except (requests.exceptions.Timeout, ReadTimeoutError) as error:
        raise TooSlow(f"no complete answer in {deadline_s:g} s") from error
    except (requests.exceptions.RequestException, HTTPError, OSError) as error:
        if time.monotonic() >= ends_at:
            raise TooSlow(f"no complete answer in {deadline_s:g} s") from error
        raise Unreachable(_reason(error)) from error
    return Response(answer.status_code, answer.headers, content[:BODY_LIMIT])


def _reason(error: Exception) -> str:
    """The innermost cause in words, without object addresses."""
    inner: BaseException = error
    while inner.args and isinstance(inner.args[-1], Exception):
        inner = inner.args[-1]
    return f"{type(inner).__name__}: {inner}"
