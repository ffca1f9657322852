"""A page as a person meets it: its text, links and forms. Nothing but the standard library."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

VOID = frozenset({"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"})
CHECKABLE = ("checkbox", "radio")
BUTTONS = ("submit", "button", "reset", "image")


class NotThere(Exception):
    """The page lacks what a person would look for."""


@dataclass(slots=True)
class Node:
    """An element with its attributes and, in order, the elements and texts inside it."""

    tag: str
    attributes: dict[str, str] = field(default_factory=dict)
    inside: list[Node | str] = field(default_factory=list)

    def __getitem__(self, name: str) -> str:
        return self.attributes.get(name, "")

    @property
    def classes(self) -> list[str]:
        return self["class"].split()

    @property
    def text(self) -> str:
        """The words inside, with single spaces."""
        return " ".join(" ".join(self._texts()).split())

    def _texts(self) -> Iterator[str]:
        for each in self.inside:
            if isinstance(each, str):
                yield each
            elif each.tag not in ("script", "style", "template"):
                yield from each._texts()

    def walk(self) -> Iterator[Node]:
        for each in self.inside:
            if isinstance(each, Node):
                yield each
                yield from each.walk()

    def all(self, tag: str = "", *, has_class: str = "") -> list[Node]:
        """The elements inside of a tag, of a class, or of both."""
        return [each for each in self.walk() if tag in ("", each.tag) and (not has_class or has_class in each.classes)]

    def one(self, tag: str = "", *, has_class: str = "") -> Node:
        """The first of `all`. Raises NotThere."""
        if found := self.all(tag, has_class=has_class):
            return found[0]
        raise NotThere(f"<{tag or '*'}{' class=' + has_class if has_class else ''}>")


class _Builder(HTMLParser):
    """Builds the tree; forgives end tags that are left out or too many."""

    def __init__(self) -> None:
        super().__init__()
        self.root = Node("page")
        self.open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        node = Node(tag, {name: value or "" for name, value in attrs})
        self.open[-1].inside.append(node)
        if tag not in VOID:
            self.open.append(node)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        depths = [depth for depth, node in enumerate(self.open) if depth and node.tag == tag]
        if depths:
            del self.open[depths[-1] :]

    def handle_data(self, data: str) -> None:
        self.open[-1].inside.append(data)


@dataclass(slots=True)
class Page:
    """What one address answered with."""

    url: str
    root: Node

    @classmethod
    def read(cls, url: str, html: str) -> Page:
        builder = _Builder()
        builder.feed(html)
        return cls(url, builder.root)

    @property
    def path(self) -> str:
        return urlsplit(self.url).path

    @property
    def text(self) -> str:
        return self.root.text

    def links(self, *starts: str) -> list[str]:
        """The addresses the page leads to whose path begins with one of `starts`, absolute, each once."""
        found = (urljoin(self.url, node["href"]) for node in self.root.all("a") if node["href"])
        return list(dict.fromkeys(url for url in found if urlsplit(url).path.startswith(starts)))

    def link(self, start: str) -> str:
        """The first such address. Raises NotThere."""
        if found := self.links(start):
            return found[0]
        raise NotThere(f"<a href={start}…>")

    def form(self, *, action: str = "", has: str = "") -> Form:
        """The form whose action ends so, or that has a field or button of that name. Raises NotThere."""
        for node in self.root.all("form"):
            form = Form(urljoin(self.url, node["action"]), node)
            path = urlsplit(form.url).path
            if (not action or path.endswith(action)) and (not has or has in form.names):
                return form
        raise NotThere(f"<form action=…{action}> {has}")


@dataclass(slots=True)
class Form:
    """A form, to be sent the way a browser sends it."""

    url: str
    node: Node

    @property
    def method(self) -> str:
        return self.node["method"].lower() or "get"

    @property
    def fields(self) -> list[Node]:
        return [
            each for each in self.node.walk() if each["name"] and each.tag in ("input", "select", "textarea", "button")
        ]

    @property
    def names(self) -> set[str]:
        return {each["name"] for each in self.fields}

    def values(self, chosen: dict[str, str]) -> list[tuple[str, str]]:
        """What is sent: the form's own values, with those `chosen`. Raises NotThere for a field or choice it lacks."""
        for name, value in chosen.items():
            if not any(_takes(each, value) for each in self.fields if each["name"] == name):
                raise NotThere(f"{name}={value}")
        kept = [
            (each["name"], value) for each in self.fields if each["name"] not in chosen for value in _own_values(each)
        ]
        return kept + list(chosen.items())


def _takes(field: Node, value: str) -> bool:
    """Whether a person could give the field this value."""
    if "disabled" in field.attributes:
        return False
    if field.tag == "select":
        return any(each["value"] == value for each in field.all("option"))
    if field.tag == "button" or field["type"] in (*CHECKABLE, *BUTTONS):
        return (field["value"] or "on") == value
    return True


def _own_values(field: Node) -> list[str]:
    """What a field sends untouched; buttons send nothing."""
    kind = field["type"].lower()
    if field.tag == "button" or kind in BUTTONS or "disabled" in field.attributes:
        return []
    if field.tag == "select":
        options = field.all("option")
        marked = [each for each in options if "selected" in each.attributes] or options[:1]
        return [each["value"] for each in marked]
    if field.tag == "textarea":
        return [field.text]
    if kind in CHECKABLE:
        return [field["value"] or "on"] if "checked" in field.attributes else []
    return [field["value"]]
