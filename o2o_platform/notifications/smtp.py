"""A mail connection that ends when its time is over, however slowly the server drips its answers."""

from __future__ import annotations

import io
import smtplib
import time
from typing import Any

from django.core.mail.backends.smtp import EmailBackend

from o2o_platform.outbox.http import DeadlineReader


class _Deadline:
    """Mixed into smtplib's clients: their `timeout` bounds each read; here it bounds the whole conversation."""

    def __init__(self, *args: Any, timeout: float, **kwargs: Any) -> None:
        self._ends_at = time.monotonic() + timeout
        super().__init__(*args, timeout=timeout, **kwargs)

    def _left(self) -> float:
        left = self._ends_at - time.monotonic()
        if left <= 0:
            raise TimeoutError("the mail server was too slow")
        return left

    def getreply(self) -> tuple[int, bytes]:
        if self.file is None:  # type: ignore[has-type]
            # smtplib's own reader waits `timeout` for every byte.
            self.file = io.BufferedReader(DeadlineReader(self.sock, ends_at=self._ends_at))  # type: ignore[attr-defined]
        return super().getreply()  # type: ignore[misc]

    def send(self, data: Any) -> None:
        left = self._left()
        if self.sock is not None:  # type: ignore[attr-defined]
            self.sock.settimeout(left)  # type: ignore[attr-defined]
        super().send(data)  # type: ignore[misc]


class DeadlineSMTP(_Deadline, smtplib.SMTP):
    """STARTTLS or plain."""


class DeadlineSMTPS(_Deadline, smtplib.SMTP_SSL):
    """Encrypted from the first byte."""


class DeadlineBackend(EmailBackend):
    """Django's, with `timeout` for the whole conversation in seconds."""

    @property
    def connection_class(self) -> type[smtplib.SMTP]:
        return DeadlineSMTPS if self.use_ssl else DeadlineSMTP

    def open(self) -> bool | None:
        try:
            return super().open()
        except OSError:
            self.close()
            raise

    def _close_connection(self, connection: smtplib.SMTP) -> None:
        """Whatever comes of the farewell, the letter was taken or refused before it."""
        try:
            connection.quit()
        except OSError:
            connection.close()
