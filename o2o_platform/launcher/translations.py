"""Compiles the message catalogues with Babel, so that no gettext need be installed."""

import os
from pathlib import Path

from .state import CHECKOUT


def compile_translations(root: Path = CHECKOUT) -> list[Path]:
    """Compile every catalogue whose source is newer; return what was written."""
    sources = root.glob("locale/*/LC_MESSAGES/*.po")
    return [_compile(source) for source in sources if _is_stale(source)]


def _is_stale(source: Path) -> bool:
    target = source.with_suffix(".mo")
    return not target.exists() or target.stat().st_mtime_ns < source.stat().st_mtime_ns


def _compile(source: Path) -> Path:
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    target = source.with_suffix(".mo")
    partial = target.with_name(f"{target.name}.{os.getpid()}")
    with source.open("rb") as file:
        catalog = read_po(file, locale=source.parents[1].name)
    with partial.open("wb") as file:
        write_mo(file, catalog)
    partial.replace(target)
    return target
