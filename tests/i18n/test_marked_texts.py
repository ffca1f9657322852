"""What is marked for translation is where the catalogue's reader finds it."""

import ast
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

from o2o_platform.operations.translations import CODE, KEYWORDS, SKIPPED


def lost_texts(source: str) -> Iterator[int]:
    """Lines that mark a text inside an f-string, or by a name of its own: the catalogue's reader knows neither."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.JoinedStr):
            yield from (call.lineno for call in ast.walk(node) if _is_marked(call))
        elif isinstance(node, ast.ImportFrom) and node.module == "django.utils.translation":
            names = {name.name: name.asname or name.name for name in node.names if "gettext" in name.name}
            yield from (node.lineno for name in names.values() if name not in KEYWORDS)


def _is_marked(node: ast.AST) -> bool:
    is_marking = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in KEYWORDS
    return is_marking and bool(node.args) and isinstance(node.args[0], ast.Constant)


def test_no_text_is_marked_where_it_is_not_found() -> None:
    root = Path(settings.BASE_DIR)
    files = [path for part in CODE for path in (root / part).rglob("*.py") if SKIPPED.isdisjoint(path.parts)]
    lost = [f"{path.relative_to(root)}:{line}" for path in files for line in lost_texts(path.read_text())]
    assert lost == []


def test_texts_that_would_be_lost_are_noticed() -> None:
    assert list(lost_texts("a = f'{_(\"up to\")} 5'")) == [1]
    assert list(lost_texts("a = f'{_(name)} 5'")) == []
    assert list(lost_texts("from django.utils.translation import gettext as say")) == [1]
    assert list(lost_texts("from django.utils.translation import gettext as _, ngettext")) == []
