"""Structured logs: JSON lines in production, readable in development, personal data masked."""

import logging.config
import re
from collections.abc import Callable
from typing import Any

import structlog
from structlog.typing import EventDict, WrappedLogger

# Only from where a word begins: from every letter of it, eight thousand of them would take a second.
EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]+(?:@|%40)[\w-]+(?:\.[\w-]+)+", re.ASCII)
# International numbers, Chinese mobiles, and either of them grouped by spaces or dashes.
PHONE = re.compile(r"(?<![\w.:-])(?:(?:\+|%2B|00)\d[\d -]{6,16}\d|1[3-9]\d(?:[ -]?\d{4}){2})(?![\w])", re.ASCII)
CODE = re.compile(r"(?i)\b(code|otp|pin)(\W{1,4})\d{4,8}\b")
# Whoever has these links may look or stop messages without signing in.
LINK = re.compile(r"(?<=[?&]preview=)[^&\s'\"]{3,}|(?<=/alerts/stop/)[^/?\s'\"]+")
LONGEST_TEXT = 8_000
OWN_KEYS = frozenset({"timestamp", "level", "logger", "request_id", "user_id", "task_id", "order", "reference"})


def mask_text(text: str) -> str:
    """Hide e-mail addresses, phone numbers, codes and signed links; of a long text the first 8,000 characters stay."""
    text = EMAIL.sub("[e-mail]", text[:LONGEST_TEXT])
    text = LINK.sub("[link]", PHONE.sub("[phone]", text))
    return CODE.sub(r"\1\2[code]", text)


def mask_value(value: Any) -> Any:
    """Mask within containers too; numbers and other objects that hold no text stay."""
    if isinstance(value, str):
        return mask_text(value)
    if isinstance(value, dict):
        return {key: mask_value(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set):
        return [mask_value(item) for item in value]
    if isinstance(value, int | float | None):
        return value
    return mask_text(str(value))


def mask_personal_data(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
    """The processor that runs last before rendering."""
    return {key: value if key in OWN_KEYS or key.startswith("_") else mask_value(value) for key, value in event.items()}


def shared_processors() -> list[Callable[..., Any]]:
    """What every line gets, whether from structlog or from the standard library."""
    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
    ]


def logging_config(*, json_lines: bool, level: str) -> dict[str, Any]:
    """Configure structlog and return Django's LOGGING."""
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared_processors(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"structured": _formatter(json_lines=json_lines)},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "structured"}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            # One line per request comes from django_structlog; these would repeat it.
            "django.server": {"handlers": [], "propagate": False},
            "django.request": {"level": "ERROR"},
            # A scanner's invented host is answered with 400; nobody need be woken.
            "django.security.DisallowedHost": {"level": "CRITICAL"},
            "django_structlog": {"level": level},
            # A page of lines for every PDF.
            "fontTools": {"level": "WARNING"},
            "fpdf": {"level": "WARNING"},
        },
    }


def _formatter(*, json_lines: bool) -> dict[str, Any]:
    """One line an event: JSON for programs, plain for people."""
    renderer = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if json_lines
        else structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)
    )
    return {
        "()": structlog.stdlib.ProcessorFormatter,
        "foreign_pre_chain": shared_processors(),
        "processors": [
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,
            mask_personal_data,
            renderer,
        ],
    }


def configure_worker_logging(**_: Any) -> None:
    """Celery's `setup_logging`: the worker logs as the web does."""
    from django.conf import settings

    logging.config.dictConfig(settings.LOGGING)
