"""Writing the brands and models that rows of a table belong to."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from django.db.models import Q

from o2o_platform.imports.changes import Changes, apply_changes

from ..models import Brand, VehicleModel
from .names import make_code, model_code, strip_brand
from .writing import HistoryWriter


def brand_key(values: dict[str, Any]) -> str:
    """The code a row's brand has or would get."""
    return values.get("make_code") or _short(make_code(values["make"]), 50)


def model_key(values: dict[str, Any]) -> str:
    """The code a row's model has or would get."""
    return values.get("model_code") or _model_code(values["make"], values["model"])


@lru_cache(maxsize=4096)
def _model_code(make: str, model: str) -> str:
    return _short(model_code(make, model), 80)


def _short(code: str, longest: int) -> str:
    if len(code) <= longest:
        return code
    digest = hashlib.blake2b(code.encode(), digest_size=4).hexdigest()
    return f"{code[: longest - 9]}-{digest}"


class LineWriter:
    """Upserts brands and models by code, or by name where a row gives no code; nothing given is nothing changed."""

    def __init__(self, writer: HistoryWriter) -> None:
        self._writer = writer
        self.touched_brands: set[int] = set()

    def save(self, rows: Sequence[dict[str, Any]]) -> tuple[dict[str, VehicleModel], dict[str, Changes]]:
        """Models by their key, and what changed of those that were there before (their brand's changes included)."""
        brands, brand_changes = self._save_brands(rows)
        first = {model_key(values): values for values in reversed(rows)}
        models = self._find_models(first, brands)
        new, changed, changes = [], [], {}
        for key, values in reversed(first.items()):
            brand = brands[brand_key(values)]
            if key not in models:
                models[key] = VehicleModel(slug=key, brand=brand, name=values["model"])
                apply_changes(models[key], _model_fields(values, brand), skip_empty=True)
                new.append(models[key])
                continue
            said = apply_changes(models[key], _model_fields(values, brand), skip_empty=True)
            if said:
                changed.append(models[key])
            if said := said | brand_changes.pop(brand.slug, {}):
                changes[key] = said
        self._writer.create(new)
        self._writer.update(changed, ["brand", "name", "name_zh", "body_type"])
        return models, changes

    def _save_brands(self, rows: Sequence[dict[str, Any]]) -> tuple[dict[str, Brand], dict[str, Changes]]:
        """Brands by key, and what changed by slug."""
        first = {brand_key(values): values for values in reversed(rows)}
        brands = self._find_brands(first)
        new, changed, changes = [], [], {}
        for key, values in reversed(first.items()):
            fields = {"name_zh": values.get("make_zh")} | ({"name": values["make"]} if values.get("make_code") else {})
            if key not in brands:
                brands[key] = Brand(slug=key, name=values["make"], name_zh=values.get("make_zh") or "")
                new.append(brands[key])
            elif said := apply_changes(brands[key], fields, skip_empty=True):
                changed.append(brands[key])
                changes[brands[key].slug] = {f"brand {name}": change for name, change in said.items()}
        self._writer.create(new)
        self._writer.update(changed, ["name", "name_zh"])
        self.touched_brands |= {brand.pk for brand in (*new, *changed)}
        return brands, changes

    def _find_brands(self, first: dict[str, dict[str, Any]]) -> dict[str, Brand]:
        names = {values["make"]: key for key, values in first.items() if not values.get("make_code")}
        found = {}
        for brand in Brand.objects.filter(Q(slug__in=first) | Q(name__in=names)).order_by("-pk"):
            if brand.name in names:
                found.setdefault(names[brand.name], brand)
            if brand.slug in first:
                found[brand.slug] = brand
        return found

    def _find_models(self, first: dict[str, dict[str, Any]], brands: dict[str, Brand]) -> dict[str, VehicleModel]:
        names = {
            (brand.pk, values["model"]): key
            for key, values in first.items()
            if not values.get("model_code") and (brand := brands.get(brand_key(values)))
        }
        found = {}
        wanted = Q(slug__in=first) | Q(name__in={name for _brand, name in names}, brand__in={pk for pk, _name in names})
        for model in VehicleModel.objects.filter(wanted).order_by("pk"):
            if key := names.get((model.brand_id, model.name)):
                found.setdefault(key, model)
            if model.slug in first:
                found[model.slug] = model
        return found


def _model_fields(values: dict[str, Any], brand: Brand) -> dict[str, Any]:
    """What a row says of its model; with its code the names are meant to the letter."""
    name_zh = values.get("model_zh") or ""
    if not values.get("model_code"):
        return {"name_zh": strip_brand(brand.name_zh, name_zh), "body_type": values["body_type"]}
    named = {"brand_id": brand.pk, "name": values["model"], "name_zh": name_zh}
    return named | {"body_type": values["body_type"]}
