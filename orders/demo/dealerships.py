"""Demo dealerships: places, demo cars and where their orders are delivered."""

from __future__ import annotations

import base64
import json
import os
import secrets
from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import Any

from django.conf import settings
from django.db.models import QuerySet

from catalog.models import Trim
from dealers.imports import DealerImporter
from dealers.models import DealerKey, Dealership, DemoCar, Endpoint
from o2o_platform.imports.engine import import_file
from o2o_platform.markets.tables import read_table

from .catalogue import OFFERS_FROM, refuse_errors

DEMO_KEY = "Demo dealer system"
DEALERS = Path(settings.BASE_DIR) / "dealers" / "data" / "demo" / "dealers.csv"
SHOWN = ("CN-BAO-009", "CN-BEI-001", "CN-BEI-003", "CN-SHA-004", "CN-NIN-007", "DE-HAM-031")
_PLATES = {
    "beijing": "京A",
    "shanghai": "沪A",
    "ningbo": "浙B",
    "baoding": "冀F",
    "guangzhou": "粤A",
    "shenzhen": "粤B",
    "chengdu": "川A",
    "hangzhou": "浙A",
    "nanjing": "苏A",
    "wuhan": "鄂A",
    "xian": "陕A",
    "chongqing": "渝A",
    "tianjin": "津A",
    "shenyang": "辽A",
    "qingdao": "鲁B",
    "zhengzhou": "豫A",
    "changsha": "湘A",
    "harbin": "黑A",
    "urumqi": "新A",
    "xiamen": "闽D",
}


def seed_dealerships() -> None:
    import_file(DEALERS, DealerImporter(), report=refuse_errors, strict=True)


def demo_dealerships() -> list[Dealership]:
    """The dealerships of the demo file that exist, by code."""
    keep = DealerImporter.columns[0].clean
    codes = [keep(row["dealer_code"]) for row in read_table(DEALERS)]
    return list(Dealership.objects.filter(code__in=codes).select_related("city").order_by("code"))


def trims_on_sale(dealership: Dealership) -> list[Trim]:
    """Trims of its brands that have a price of the demo file in its market, with their models, by code."""
    trims = _trims_of(dealership).filter(offers__market=dealership.market_id, offers__validity__startswith=OFFERS_FROM)
    return list(trims.distinct())


def _trims_of(dealership: Dealership) -> QuerySet[Trim]:
    trims = Trim.objects.filter(vehicle_model__brand__dealerships=dealership)
    return trims.select_related("vehicle_model__brand").order_by("code")


def seed_demo_cars(dealerships: Sequence[Dealership]) -> None:
    """Two or three cars for test drives where there are none, of different models; Haval shows the H2."""
    new = []
    for dealership in dealerships:
        if dealership.demo_cars.exists():
            continue
        by_model: dict[str, list[Trim]] = {}
        for trim in trims_on_sale(dealership) or _trims_of(dealership):
            by_model.setdefault(trim.vehicle_model.slug, []).append(trim)
        random = Random(dealership.code)
        slugs = random.sample(sorted(by_model), min(3, len(by_model)))
        if "haval-h2" in by_model:
            slugs = ["haval-h2", *(slug for slug in slugs if slug != "haval-h2")][:3]
        trims = [random.choice(by_model[slug]) for slug in slugs]
        while trims and len(trims) < 2:
            trims.append(trims[0])
        new += [
            DemoCar(dealership=dealership, trim=trim, plate=_plate(dealership, number))
            for number, trim in enumerate(trims, 1)
        ]
    DemoCar.objects.bulk_create(new)


def _plate(dealership: Dealership, number: int) -> str:
    serial = f"{dealership.code[-3:]}{number}"
    prefix = _PLATES.get(dealership.city.slug)
    return f"{prefix}·D{serial}" if prefix else f"{dealership.city.slug[:2].upper()} DM {serial}"


# --- Where orders go ---------------------------------------------------------------------


def seed_endpoints(dealerships: Sequence[Dealership]) -> None:
    """A third get a webhook to the demo dealer system (when one runs), the others ADF e-mail, some both.

    Run again it moves the webhooks to the address in force and keeps the secrets.
    """
    known = {(endpoint.dealership_id, endpoint.kind): endpoint for endpoint in Endpoint.objects.all()}
    for number, dealership in enumerate(dealerships):
        takes_webhook = number % 3 == 0 or dealership.code == "CN-BAO-009"
        if takes_webhook and settings.DEMO_DMS_URL:
            url = f"{settings.DEMO_DMS_URL.rstrip('/')}/hooks/{dealership.code}"
            endpoint = known.get((dealership.pk, Endpoint.Kind.WEBHOOK))
            if endpoint is None:
                Endpoint.objects.create(
                    dealership=dealership, kind=Endpoint.Kind.WEBHOOK, url=url, secret=_make_secret()
                )
            elif endpoint.url != url and endpoint.url.endswith(f"/hooks/{dealership.code}"):
                Endpoint.objects.filter(pk=endpoint.pk).update(url=url, is_enabled=True, disabled_reason="")
        takes_email = not takes_webhook or number % 6 == 0
        if takes_email and (dealership.pk, Endpoint.Kind.ADF_EMAIL) not in known:
            Endpoint.objects.create(dealership=dealership, kind=Endpoint.Kind.ADF_EMAIL, email=dealership.email)


def _make_secret() -> str:
    """A Standard Webhooks secret of 32 bytes."""
    return f"whsec_{base64.b64encode(secrets.token_bytes(32)).decode()}"


def write_dms_config(dealerships: Sequence[Dealership]) -> None:
    """Tell the demo dealer system its secrets and keys: the file named by DEMO_DMS_CONFIG, if any.

    Keys are stored hashed, so those the file has already are kept while they are good.
    """
    target = os.environ.get("DEMO_DMS_CONFIG")
    if not target:
        return
    path = Path(target)
    before = _read_keys(path)
    webhooks = Endpoint.objects.filter(kind=Endpoint.Kind.WEBHOOK, dealership__in=dealerships)
    rows = [
        {
            "code": endpoint.dealership.code,
            "secret": endpoint.secret,
            "api_key": _keep_key(before.get(endpoint.dealership.code)) or issue_demo_key(endpoint.dealership),
        }
        for endpoint in webhooks.select_related("dealership").order_by("dealership__code")
    ]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    path.write_text(json.dumps({"platform": settings.SITE_URL, "dealerships": rows}, indent=1), encoding="utf-8")


def _read_keys(path: Path) -> dict[str, Any]:
    if not path.is_file():
        return {}
    data = json.loads(path.read_text(encoding="utf-8") or "{}")
    return {row["code"]: row.get("api_key") for row in data.get("dealerships", ())}


def _keep_key(key: str | None) -> str | None:
    """The key, unless it was revoked or belongs to a database that is gone."""
    return key if key and DealerKey.objects.is_valid(key) else None


def issue_demo_key(dealership: Dealership) -> str:
    """A new API key for the demo dealer system of `dealership`; an earlier one nobody remembers is revoked."""
    dealership.keys.filter(name=DEMO_KEY, revoked=False).update(revoked=True)
    _key, text = DealerKey.objects.create_key(name=DEMO_KEY, dealership=dealership)
    return text
