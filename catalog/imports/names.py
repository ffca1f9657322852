"""Codes made of names: stable, unique, fit for addresses."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from functools import lru_cache

from django.utils.text import slugify

_LONGEST = 110
_SIGNS = str.maketrans({".": "-", "/": "-", "+": " plus ", "&": " and ", "_": "-"})


@lru_cache(maxsize=8192)
def make_code(*parts: object) -> str:
    """A slug of the parts: `Haval`, `H2`, 2014, `1.5T 6MT` → `haval-h2-2014-1-5t-6mt`.

    Letters a slug cannot hold, and names too long for it, are told apart by a digest at the end.
    """
    name = unicodedata.normalize("NFKC", " ".join(str(part) for part in parts if part))
    slug = slugify(name.translate(_SIGNS))
    is_lossy = any(letter.isalpha() and ord(letter) > 0x24F for letter in name)
    if is_lossy or len(slug) > _LONGEST:
        digest = hashlib.blake2b(name.encode(), digest_size=4).hexdigest()
        return f"{slug[:_LONGEST]}-{digest}".strip("-")
    return slug


def model_code(brand: str, model: str) -> str:
    """`bmw-i3-i01`; a model named after its brand does not say it twice: `polestar-4`."""
    of_brand, of_model = make_code(brand), make_code(model)
    return of_model if of_model == of_brand or of_model.startswith(f"{of_brand}-") else f"{of_brand}-{of_model}"


def trim_code(brand: str, model: str, model_year: int, trim: str) -> str:
    """`haval-h2-2014-1-5t-6mt-2wd-urban`."""
    return make_code(model_code(brand, model), model_year, trim)


def strip_brand(brand: str, model: str) -> str:
    """A model's Chinese name without the make in front: shown beside `哈弗`, `哈弗H2` is `H2`.

    The make's short form counts too (`奔驰A级` of `梅赛德斯-奔驰` is `A级`); names of a single sign stay whole.
    """
    for make in (brand, re.split(r"[-·\s]", brand)[-1]):
        rest = model.removeprefix(make).strip()
        if make and rest != model and len(rest) > 1:
            return rest
    return model
