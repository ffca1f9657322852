"""The sections of "My garage"; apps above add theirs in AppConfig.ready."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from o2o_platform.accounts.models import User

Loader = Callable[[User], dict[str, Any]]


@dataclass(frozen=True)
class Section:
    """A template and the function that loads its context with a bounded number of queries."""

    name: str
    template: str
    loader: Loader
    rank: int = 0


_sections: dict[str, Section] = {}


def register(section_name: str, template: str, loader: Loader, *, rank: int = 0) -> None:
    """Add a section, by rank and then in the order of INSTALLED_APPS; the same name again replaces it."""
    _sections[section_name] = Section(section_name, template, loader, rank)


def load_sections(user: User) -> list[dict[str, Any]]:
    """Name, template and context of each section for a person."""
    return [
        {"name": section.name, "template": section.template, "context": section.loader(user)}
        for section in sorted(_sections.values(), key=lambda section: section.rank)
    ]
