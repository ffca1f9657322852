"""The demo dealer system's HTTP side: takes signed deliveries, shows them, and misbehaves on request."""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socketserver import TCPServer
from threading import Event
from typing import Any
from urllib.parse import parse_qs

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation
from standardwebhooks import Webhook, WebhookVerificationError

from .answering import Acknowledger
from .book import Book, Config

MODES = ("ok", "fail", "hang", "twice", "gone")
HANG_S = 60
SHOWN = 100
BODY_LIMIT = 64 * 1024
STYLES = ("css/tokens.css", "css/demo_dealer.css")


def preferred_language(accepted: str) -> str:
    """The first language we have of an Accept-Language header, else the site's own."""
    for code in (part.partition(";")[0].strip() for part in accepted.split(",")):
        try:
            return translation.get_supported_language_variant(code)
        except LookupError:
            continue
    return settings.LANGUAGE_CODE


class DealerSystem(ThreadingHTTPServer):
    """One server for all demo dealerships; `mode` says how it treats deliveries."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, port: int, *, book: Book, read_config: Callable[[], Config], static: Path) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.book, self.read_config, self.static = book, read_config, static
        self.mode = "ok"
        self.stopping = Event()
        self.acknowledger = Acknowledger(book)
        self.refresh()
        for entry in book.received.values():
            if entry.data.get("order") and not entry.acknowledged:
                self.acknowledger.todo.put(entry.id)
        self.acknowledger.start()

    def refresh(self) -> None:
        """Read the keys again; they change when the demo data is made anew."""
        self.config = self.acknowledger.config = self.read_config()
        self.verifiers = {code: Webhook(keys.secret) for code, keys in self.config.dealerships.items()}

    def server_bind(self) -> None:
        # The base class would ask the resolver for this machine's name, which may take seconds.
        TCPServer.server_bind(self)
        self.server_name, self.server_port = self.server_address[:2]

    def handle_error(self, request: Any, client_address: Any) -> None:
        # A sender that hangs up in the middle is no news here.
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)

    def server_close(self) -> None:
        self.stopping.set()
        super().server_close()
        self.acknowledger.stop()
        self.book.close()

    def take(self, dealer: str, headers: dict[str, str], body: bytes) -> HTTPStatus | None:
        """Treat one delivery as the mode says and return the answer; None hangs up."""
        if self.mode == "hang":
            self.stopping.wait(HANG_S)
            return None
        if self.mode == "fail":
            return HTTPStatus.INTERNAL_SERVER_ERROR
        if self.mode == "gone":
            return HTTPStatus.GONE
        message = self._verify(dealer, headers, body)
        if message is None:
            with contextlib.suppress(OSError, ValueError, KeyError):
                self.refresh()
            message = self._verify(dealer, headers, body)
        if message is None:
            self.book.note_refused()
            return HTTPStatus.UNAUTHORIZED
        return self._keep(dealer, headers["webhook-id"], message)

    def _verify(self, dealer: str, headers: dict[str, str], body: bytes) -> dict[str, Any] | None:
        """The message, or None when this dealership is not ours or the signature is wrong."""
        try:
            return self.verifiers[dealer].verify(body, headers)
        except (KeyError, WebhookVerificationError, ValueError):
            return None

    def _keep(self, dealer: str, message_id: str, message: dict) -> HTTPStatus:
        is_new = self.book.take(message_id, dealer=dealer, body=message)
        if is_new and message["data"].get("order"):
            self.acknowledger.todo.put(message_id)
        # "twice": kept, but the sender does not hear of it the first time.
        return HTTPStatus.INTERNAL_SERVER_ERROR if is_new and self.mode == "twice" else HTTPStatus.OK


class Handler(BaseHTTPRequestHandler):
    """HTTP/1.1 with kept connections; an answer is one write."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    timeout = 120
    server: DealerSystem

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        if length > BODY_LIMIT:
            self.close_connection = True
            return self._answer(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        body = self.rfile.read(length)
        if self.path.startswith("/hooks/"):
            return self._take_delivery(self.path.removeprefix("/hooks/").strip("/"), body)
        if self.path == "/mode":
            return self._set_mode(parse_qs(body.decode("utf-8", "replace")).get("mode", [""])[0])
        return self._answer(HTTPStatus.NOT_FOUND)

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        if path == "/":
            return self._answer(HTTPStatus.OK, self._page(), "text/html; charset=utf-8")
        if path == "/deliveries.json":
            summary = self.server.book.summary() | {"dealerships": sorted(self.server.config.dealerships)}
            return self._answer(HTTPStatus.OK, json.dumps(summary), "application/json")
        if path.removeprefix("/static/") in STYLES:
            style = (self.server.static / path.removeprefix("/static/")).read_text("utf-8")
            return self._answer(HTTPStatus.OK, style, "text/css; charset=utf-8")
        return self._answer(HTTPStatus.NOT_FOUND)

    def _take_delivery(self, dealer: str, body: bytes) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        status = self.server.take(dealer, headers, body)
        if status is None:
            self.close_connection = True
            return
        self._answer(status, json.dumps({"status": status.phrase}), "application/json")

    def _set_mode(self, mode: str) -> None:
        if mode not in MODES:
            return self._answer(HTTPStatus.BAD_REQUEST)
        self.server.mode = mode
        return self._answer(HTTPStatus.SEE_OTHER, location="/")

    def _page(self) -> str:
        book = self.server.book
        context = {
            "mode": self.server.mode,
            "modes": MODES,
            "dealerships": sorted(self.server.config.dealerships),
            "deliveries": book.newest(SHOWN),
            "total": len(book.received),
            "refused": book.refused,
            "platform": self.server.config.platform,
        }
        with translation.override(preferred_language(self.headers.get("Accept-Language", ""))):
            return render_to_string("operations/demo_dealer.html", context)

    def _answer(
        self, status: HTTPStatus, content: str = "", content_type: str = "text/plain", *, location: str = ""
    ) -> None:
        body = content.encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Content-Type", content_type)
        if location:
            self.send_header("Location", location)
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        return
