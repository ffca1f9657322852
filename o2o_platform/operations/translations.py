"""Message catalogues: what our code and templates say, gathered with Babel and Django's own template reader.

No GNU gettext is needed. English is the language of the sources, so only the others have catalogues.
"""

import csv
import gettext
import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po, write_po
from django.apps import apps
from django.conf import settings
from django.utils.translation import to_locale
from django.utils.translation.template import templatize

CODE = ("o2o_platform", "catalog", "dealers", "orders", "payments")
TEMPLATES = ("templates",)
SKIPPED = frozenset({"migrations", "tests"})
# Columns of our own tables that templates show through {% translate %}, which doubles percent signs.
TABLES = {
    "catalog/data/price_rules.csv": ("source",),
    "catalog/data/demo/vehicles.csv": ("source_note",),
    "catalog/data/demo/finance_plans.csv": ("name", "lender"),
    "dealers/data/demo/dealers.csv": ("district",),
}
# Packages with pages people see that do not speak all languages themselves.
BORROWED = ("unfold", "django_filters", "rest_framework_api_key")
KEYWORDS = DEFAULT_KEYWORDS | {
    "_lazy": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext_lazy": (1, 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
PLACEHOLDER = re.compile(r"%\(\w+\)[#0\- +]*[\d.]*[a-zA-Z]|(?<!%)%[sdrf]|\{\w*(?:![rs])?(?::[^{}]*)?\}")
KEPT_HEADERS = ("Language", "Plural-Forms", "MIME-Version", "Content-Type", "Content-Transfer-Encoding")

Words = str | tuple[str, ...]
Said = tuple[Words, str | None]


@dataclass(frozen=True)
class Fault:
    """One thing wrong with one message of a catalogue."""

    message: str
    reason: str

    def __str__(self) -> str:
        return f"{self.reason}: {self.message!r}"


def catalogue_path(language: str) -> Path:
    """Where a language's catalogue is kept."""
    return Path(settings.LOCALE_PATHS[0]) / to_locale(language) / "LC_MESSAGES" / "django.po"


def catalogue_languages() -> list[str]:
    """The site's languages that need a catalogue: all but English."""
    return [code for code, _ in settings.LANGUAGES if code != "en"]


def _empty_catalogue(language: str) -> Catalog:
    return Catalog(locale=to_locale(language), charset="utf-8", header_comment="", fuzzy=False)


def gather_messages(language: str) -> Catalog:
    """Everything that has to be said in the language, with the files that say it."""
    template = _empty_catalogue(language)
    for name, message, context in (*_said_here(), *_said_elsewhere(language)):
        template.add(message, locations=[(name, 1)], context=context)
    return template


def _said_here() -> Iterator[tuple[str, Words, str | None]]:
    """What our code, templates and tables say, by file."""
    root = Path(settings.BASE_DIR)
    for name, (message, context) in _read_tree(root, tuple(root / part for part in (*CODE, *TEMPLATES))):
        yield name, message, context
    for name, columns in TABLES.items():
        with (root / name).open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                yield from ((name, row[column].replace("%", "%%"), None) for column in columns)


def _said_elsewhere(language: str) -> Iterator[tuple[str, Words, str | None]]:
    """What packages leave unsaid in the language: on the pages borrowed, and where the default's words would show."""
    known = _spoken_elsewhere(language)
    for package in BORROWED:
        home = Path(find_spec(package).origin).parent
        for name, (message, context) in _read_tree(home.parent, (home,)):
            if (context, message if isinstance(message, str) else message[0]) not in known:
                yield name, message, context
    if language != settings.LANGUAGE_CODE:
        for name, (message, context) in _said_by_packages(settings.LANGUAGE_CODE):
            if (context, message if isinstance(message, str) else message[0]) not in known:
                yield name, message, context


def read_catalogue(language: str) -> Catalog:
    """The catalogue as it is kept; empty when there is none yet."""
    path = catalogue_path(language)
    if not path.exists():
        return _empty_catalogue(language)
    with path.open("rb") as file:
        return read_po(file, locale=to_locale(language))


def update_catalogue(language: str) -> list[str]:
    """Bring the catalogue to what is said today, keeping translations; return what still lacks one."""
    kept = read_catalogue(language)
    fresh = gather_messages(language)
    for message in _messages(fresh):
        if old := kept.get(message.id, message.context):
            message.string = old.string
            message.flags |= old.flags & {"fuzzy"}
    path = catalogue_path(language)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(_as_file(fresh))
    return [first_form(message) for message in _messages(fresh) if not _is_translated(message)]


def find_faults(language: str) -> Iterator[Fault]:
    """What keeps the catalogue from being complete and safe to show."""
    kept = read_catalogue(language)
    for wanted in _messages(gather_messages(language)):
        message = kept.get(wanted.id, wanted.context)
        said = first_form(wanted)
        if message is None or not _is_translated(message):
            yield Fault(said, "untranslated")
        elif message.fuzzy:
            yield Fault(said, "fuzzy")
        else:
            yield from faults_of(message)


def faults_of(message: Message) -> Iterator[Fault]:
    """Placeholders must be those of the (plural) message, line ends where the message has them.

    Where a language tells one from many, the form for one may leave the number out as the English one does.
    """
    original = message.id[-1] if message.pluralizable else message.id
    for place, translated in enumerate(strings_of(message)):
        allowed = [_placeholders(original)]
        if place == 0 and len(message.string) > 1 and message.pluralizable:
            allowed.append(_placeholders(message.id[0]))
        if _placeholders(translated) not in allowed:
            yield Fault(first_form(message), "placeholders differ")
        if _line_ends(original) != _line_ends(translated):
            yield Fault(first_form(message), "line ends differ")


def _placeholders(text: str) -> list[str]:
    return sorted(set(PLACEHOLDER.findall(text)))


def _line_ends(text: str) -> tuple[bool, bool]:
    return text.startswith("\n"), text.endswith("\n")


def _messages(catalogue: Catalog) -> Iterable[Message]:
    return (message for message in catalogue if message.id)


def first_form(message: Message) -> str:
    """What the message says in the singular."""
    return message.id[0] if message.pluralizable else message.id


def strings_of(message: Message) -> tuple[str, ...]:
    """Its translations, one for each plural form; empty strings where there is none."""
    return tuple(message.string or ("",)) if message.pluralizable else (message.string or "",)


def _is_translated(message: Message) -> bool:
    return all(strings_of(message))


def _as_file(catalogue: Catalog) -> bytes:
    """The catalogue sorted, with neither line numbers nor dates: a change shows as that change alone."""
    file = io.BytesIO()
    write_po(file, catalogue, width=110, sort_output=True, include_lineno=False)
    header, _, body = file.getvalue().decode().partition("\n\n")
    kept = tuple(f'"{name}:' for name in KEPT_HEADERS)
    lines = [line for line in header.splitlines() if not line.startswith('"') or line.startswith(kept)]
    return "\n".join([*lines, "", body]).encode()


@lru_cache
def _read_tree(root: Path, places: tuple[Path, ...]) -> list[tuple[str, Said]]:
    """What the files say, by file; read once for all languages."""
    return [
        (path.relative_to(root).as_posix(), said)
        for place in places
        for path in sorted(place.rglob("*"))
        if SKIPPED.isdisjoint(path.relative_to(root).parts) and path.suffix in READERS
        for said in READERS[path.suffix](path)
    ]


def _read_python(path: Path) -> Iterator[Said]:
    return _read_source(path.read_bytes())


def read_template(path: Path) -> Iterator[Said]:
    """Django turns a template into calls of gettext; brackets around them make its indentation harmless."""
    calls = templatize(path.read_text(encoding="utf-8"), origin=str(path))
    return _read_source(f"(\n{calls}\n)".encode())


def _read_source(source: bytes) -> Iterator[Said]:
    for _, message, _, context in extract("python", io.BytesIO(source), KEYWORDS, options={"encoding": "utf-8"}):
        if message:
            yield message, context


READERS = {".py": _read_python, ".html": read_template, ".txt": read_template, ".xml": read_template}


def _homes() -> list[Path]:
    """The folders of Django and the installed packages."""
    return [Path(find_spec("django").origin).parent / "conf", *(Path(each.path) for each in apps.get_app_configs())]


@lru_cache
def _said_by_packages(language: str) -> list[tuple[str, Said]]:
    """What packages say in a language, by package."""
    found = []
    for home in _homes():
        path = home / "locale" / to_locale(language) / "LC_MESSAGES" / "django.mo"
        if path.exists():
            with path.open("rb") as file:
                messages = [message for message in _messages(read_mo(file)) if _is_translated(message)]
            # Babel reads contexts as bytes.
            found += [(home.name, (each.id, each.context.decode() if each.context else None)) for each in messages]
    return found


def _spoken_elsewhere(language: str) -> set[tuple[str | None, str]]:
    """What Django and the installed packages say in the language themselves, as (context, message)."""
    known = set()
    for home in _homes():
        path = home / "locale" / to_locale(language) / "LC_MESSAGES" / "django.mo"
        if not path.exists():
            continue
        with path.open("rb") as file:
            entries = gettext.GNUTranslations(file)._catalog
        for key in entries:
            said = key[0] if isinstance(key, tuple) else key
            context, _, said = said.rpartition("\x04")
            known.add((context or None, said))
    return known
