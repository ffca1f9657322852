"""Demo cars: how each brand sells, paints and options."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path
from random import Random

from django.conf import settings
from django.utils.translation import gettext_noop as _

from catalog.imports.offers import OfferTerms
from catalog.imports.vehicles import VehicleImporter
from catalog.models import Colour, ColourPrice, EnergyType, Option, OptionPrice, Trim, VehicleModel
from o2o_platform.imports.engine import import_file
from o2o_platform.imports.errors import RowError
from o2o_platform.markets.models import DepositKind, Market, SalesModel

VEHICLES = Path(settings.BASE_DIR) / "catalog" / "data" / "demo" / "vehicles.csv"
OFFERS_FROM = dt.date(2024, 1, 1)

DIRECT = frozenset({"Tesla", "NIO", "XPeng", "Li Auto", "Zeekr", "Xiaomi"})
AGENCY = frozenset({"smart", "Polestar"})
EARNEST = frozenset({"Li Auto", "Zeekr", "Xiaomi"})
PREMIUM = frozenset({"BMW", "Mercedes-Benz", "Denza", "AITO", "Polestar"}) | DIRECT
COOLING_HOURS = {"Xiaomi": 168, "Polestar": 336}

# code, name, Chinese name, paint, costs extra
PALETTE = (
    ("pearl-white", _("Pearl white"), "珠光白", "#f1f0ec", False),
    ("obsidian-black", _("Obsidian black"), "曜石黑", "#17181a", False),
    ("graphite-grey", _("Graphite grey"), "石墨灰", "#54585d", False),
    ("glacier-silver", _("Glacier silver"), "冰川银", "#c4c8cc", False),
    ("deep-sea-blue", _("Deep-sea blue"), "深海蓝", "#1f3a5f", False),
    ("ember-red", _("Ember red"), "烈焰红", "#9d1f24", True),
    ("pine-green", _("Pine green"), "松林绿", "#2f4a3c", True),
    ("champagne-gold", _("Champagne gold"), "香槟金", "#c9b48c", False),
    ("haze-blue", _("Haze blue"), "雾霾蓝", "#8aa3b5", False),
    ("aurora-violet", _("Aurora violet"), "极光紫", "#5a4a78", True),
    ("sand-beige", _("Sand beige"), "沙丘米", "#d8cbb5", False),
    ("sunset-orange", _("Sunset orange"), "落日橙", "#c8602b", True),
    ("mint-green", _("Mint green"), "薄荷绿", "#a9c7b4", False),
    ("matte-grey", _("Matte grey"), "哑光灰", "#6f7276", True),
)
_ALWAYS = 5

_ALL = frozenset(EnergyType.values)
_PLUG_IN = frozenset({EnergyType.BEV, EnergyType.PHEV, EnergyType.EREV})
# code, name, Chinese name, CNY, EUR, energy types
_OPTIONS = (
    ("comfort-package", _("Comfort package"), "舒适套装", 6000, 890, _ALL),
    ("heated-seats", _("Heated front seats"), "前排座椅加热", 1500, 290, _ALL),
    ("ventilated-seats", _("Ventilated front seats"), "前排座椅通风", 2500, 490, _ALL),
    ("panoramic-roof", _("Panoramic roof"), "全景天窗", 8000, 1290, _ALL),
    ("premium-audio", _("Premium audio"), "高级音响", 5000, 890, _ALL),
    ("assistance-package", _("Driving assistance package"), "智能驾驶辅助套装", 8000, 1190, _ALL),
    ("assistance-plus", _("Motorway assistant"), "高速领航辅助", 12000, 1990, _ALL),
    ("wheels-19", _("19-inch wheels"), "19 英寸轮毂", 4000, 690, _ALL),
    ("wheels-20", _("20-inch wheels"), "20 英寸轮毂", 8000, 1190, _ALL),
    ("tow-bar", _("Tow bar"), "拖车钩", 4500, 790, _ALL),
    ("home-charger", _("Home charger with installation"), "家用充电桩（含安装）", 3500, 990, _PLUG_IN),
)
_REQUIRES = (("ventilated-seats", "heated-seats"), ("assistance-plus", "assistance-package"))
_EXCLUDES = (("wheels-19", "wheels-20"), ("comfort-package", "heated-seats"))


def demo_terms(make: str, market: str, price: Decimal) -> OfferTerms:
    """How a demo brand sells: deposits of 2,000 or 5,000 in China, 500 elsewhere."""
    model = SalesModel.DIRECT if make in DIRECT else SalesModel.AGENCY if make in AGENCY else SalesModel.DEALER
    is_earnest = market == "CN" and make in EARNEST
    amount = Decimal(500) if market != "CN" else Decimal(5000 if make in PREMIUM else 2000)
    return OfferTerms(
        sales_model=model,
        deposit_kind=DepositKind.EARNEST if is_earnest else DepositKind.REFUNDABLE,
        deposit_amount=min(amount, price / 5),
        cooling_hours=COOLING_HOURS.get(make, 72),
    )


def seed_vehicles() -> None:
    """Brands, models, trims and their offers; ValueError when the demo file does not load."""
    import_file(VEHICLES, VehicleImporter(on=OFFERS_FROM, terms=demo_terms), report=refuse_errors, strict=True)


def refuse_errors(errors: list[RowError]) -> None:
    raise ValueError(f"The demo data does not load: {errors[0]}")


def seed_colours() -> None:
    """Six to eight paints for each model that has none; the rarer ones cost extra."""
    models = list(VehicleModel.objects.filter(colours=None).select_related("brand").order_by("slug"))
    colours = Colour.objects.bulk_create(
        Colour(vehicle_model=model, code=code, name=name, name_zh=name_zh, hex=paint)
        for model in models
        for code, name, name_zh, paint, _is_extra in _paints(model)
    )
    extra = {code for code, *_rest, is_extra in PALETTE if is_extra}
    prices = []
    for colour in colours:
        if colour.code in extra:
            cny = 6000 if colour.vehicle_model.brand.name in PREMIUM else 2000
            prices += [
                ColourPrice(colour=colour, market_id="CN", amount=cny),
                ColourPrice(colour=colour, market_id="DE", amount=cny // 8),
            ]
    ColourPrice.objects.bulk_create(prices)


def _paints(model: VehicleModel) -> Iterable[tuple[str, str, str, str, bool]]:
    random = Random(model.slug)
    rarer = random.sample(PALETTE[_ALWAYS:], random.choice((2, 3)))
    return (*PALETTE[:_ALWAYS], *rarer)


def create_options() -> dict[str, Option]:
    """The options with their rules and prices, by code; those that exist stay as they are."""
    codes = {code for code, *_ in _OPTIONS}
    known = set(Option.objects.filter(code__in=codes).values_list("code", flat=True))
    new = [row for row in _OPTIONS if row[0] not in known]
    Option.objects.bulk_create(Option(code=code, name=name, name_zh=zh) for code, name, zh, *_ in new)
    options = {option.code: option for option in Option.objects.filter(code__in=codes)}
    markets = set(Market.objects.values_list("code", flat=True))
    OptionPrice.objects.bulk_create(
        OptionPrice(option=options[code], market_id=market, amount=amount)
        for code, _name, _zh, cny, eur, _energy in new
        for market, amount in (("CN", cny), ("DE", eur))
        if market in markets
    )
    for code, other in _REQUIRES:
        if code not in known:
            options[code].requires.add(options[other])
    for code, other in _EXCLUDES:
        if code not in known:
            options[code].excludes.add(options[other])
    return options


def seed_options() -> None:
    """The options, offered on trims of the 2020s (older ones come as they are)."""
    options = create_options()
    links = Trim.options.through
    trims = Trim.objects.filter(model_year__gte=2020).values_list("pk", "energy_type")
    links.objects.bulk_create(
        (
            links(trim_id=pk, option_id=options[code].pk)
            for pk, energy in trims
            for code, *_names, energies in _OPTIONS
            if energy in energies
        ),
        ignore_conflicts=True,
    )
