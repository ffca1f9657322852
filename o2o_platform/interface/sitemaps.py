"""Sitemaps at volume: an index of files, each a range of keys read by index, in every language.

A file covers a fixed range of ids, so its address and order never shift while rows come and go, and
building one costs the same wherever it lies. It is compressed while it is built: what is held is the
rows of one range and the compressed file, kept for an hour.
"""

from __future__ import annotations

import datetime as dt
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

from django.core.cache import cache
from django.db.models import QuerySet
from django.urls import reverse

from .addresses import absolute, language_addresses

# Pages of one file; with an address for each language and the open one it stays below the protocol's 50,000.
IDS_PER_FILE = 5_000
KEPT_S = 3600
GZIP = 31
XML = '<?xml version="1.0" encoding="UTF-8"?>\n'
SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"
XHTML = "http://www.w3.org/1999/xhtml"


@dataclass(frozen=True, slots=True)
class Entry:
    """A public page: its path, what of its query counts, and the day it last changed where that is known."""

    path: str
    pairs: tuple[tuple[str, str], ...] = ()
    changed_on: dt.date | None = None


@dataclass(frozen=True)
class Section:
    """A kind of page: the parts it has, and the pages of a part (empty for one it has not)."""

    parts: Callable[[], Iterable[int]]
    entries: Callable[[int], Iterable[Entry]]


_sections: dict[str, Section] = {}


def register_section(name: str, section: Section) -> None:
    """Add a kind of page; the same name again replaces it."""
    _sections[name] = section


def occupied_parts(rows: QuerySet, key: str) -> Iterator[int]:
    """The ranges of `key` that hold rows: one step along the index for each range."""
    keys = rows.order_by(key).values_list(key, flat=True)
    first = keys.first()
    while first is not None:
        part = first // IDS_PER_FILE
        yield part
        first = keys.filter(**{f"{key}__gte": (part + 1) * IDS_PER_FILE}).first()


def rows_of_part(rows: QuerySet, key: str, part: int) -> QuerySet:
    """The rows of one range, in its order."""
    first = part * IDS_PER_FILE
    return rows.filter(**{f"{key}__gte": first, f"{key}__lt": first + IDS_PER_FILE}).order_by(key)


def index_file() -> bytes:
    """The index of all files, compressed; kept for an hour."""
    return _kept("index", _index) or b""


def section_file(name: str, part: int) -> bytes | None:
    """One file, compressed; kept for an hour. None when there is no such file."""
    section = _sections.get(name)
    if section is None or part >= 2**31 // IDS_PER_FILE:
        return None
    return _kept(f"{name}:{part}", lambda: _urlset(section.entries(part)))


def decompressed(file: bytes) -> Iterator[bytes]:
    """The file as text, piece by piece, for the reader that takes no gzip."""
    reader = zlib.decompressobj(GZIP)
    rest = file
    while rest:
        yield reader.decompress(rest, 65_536)
        rest = reader.unconsumed_tail


def _kept(name: str, lines: Callable[[], Iterator[str]]) -> bytes | None:
    key = f"sitemap:{absolute('/')}:{name}"
    file = cache.get(key)
    if file is None and (file := _compress(lines())):
        cache.set(key, file, KEPT_S)
    return file


def _compress(lines: Iterator[str]) -> bytes | None:
    """None when there are no lines."""
    writer = zlib.compressobj(level=5, wbits=GZIP)
    pieces = [writer.compress(line.encode()) for line in lines]
    return b"".join((*pieces, writer.flush())) if pieces else None


def _index() -> Iterator[str]:
    yield f'{XML}<sitemapindex xmlns="{SITEMAP}">\n'
    for name, section in sorted(_sections.items()):
        for part in section.parts():
            address = absolute(reverse("interface:sitemap_section", args=(name, part)))
            yield f"<sitemap><loc>{escape(address)}</loc></sitemap>\n"
    yield "</sitemapindex>\n"


def _urlset(entries: Iterable[Entry]) -> Iterator[str]:
    """Each address with all its languages; nothing at all for no entries."""
    is_begun = False
    for entry in entries:
        if not is_begun:
            is_begun = True
            yield f'{XML}<urlset xmlns="{SITEMAP}" xmlns:xhtml="{XHTML}">\n'
        yield _urls(entry)
    if is_begun:
        yield "</urlset>\n"


def _urls(entry: Entry) -> str:
    addresses = language_addresses(entry.path, entry.pairs)
    changed = f"<lastmod>{entry.changed_on.isoformat()}</lastmod>" if entry.changed_on else ""
    others = "".join(
        f'<xhtml:link rel="alternate" hreflang="{language}" href={quoteattr(address)}/>'
        for language, address in addresses
    )
    return "".join(f"<url><loc>{escape(address)}</loc>{changed}{others}</url>\n" for _language, address in addresses)
