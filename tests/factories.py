"""Builders of the smallest valid rows; every argument has a sensible default."""

from __future__ import annotations

import datetime as dt
import itertools
from decimal import Decimal
from typing import Any

from django.utils import timezone

from catalog.models import (
    Brand,
    Colour,
    EnergyType,
    Offer,
    Option,
    OptionPrice,
    PriceRule,
    StockUnit,
    Trim,
    VehicleModel,
)
from catalog.vin import build_vin
from dealers.models import DealerGroup, Dealership, DemoCar, GroupMembership, Membership
from o2o_platform.accounts.models import User
from o2o_platform.journal.models import Actor
from o2o_platform.markets.models import City, Market
from orders.models import Order, Terms, TradeIn
from orders.services import place_order, request_trade_in
from orders.services.trading import OwnCar

_numbers = itertools.count(1)

MARKETS = {
    "CN": ("China", "中国", "CNY", "Asia/Shanghai", ["zh-hans", "en"]),
    "DE": ("Germany", "Deutschland", "EUR", "Europe/Berlin", ["de", "en"]),
    "PL": ("Poland", "Polska", "PLN", "Europe/Warsaw", ["pl", "en"]),
}


def make_market(code: str = "CN") -> Market:
    name, name_local, currency, zone, languages = MARKETS[code]
    market, _ = Market.objects.get_or_create(
        code=code,
        defaults={
            "name": name,
            "name_local": name_local,
            "currency": currency,
            "time_zone": zone,
            "languages": languages,
            "is_open": code == "CN",
        },
    )
    return market


def make_city(slug: str = "baoding", **fields: Any) -> City:
    defaults: dict[str, Any] = {"name": "Baoding", "name_local": "保定", "latitude": 38.87, "longitude": 115.46}
    if "market" not in fields:
        defaults["market"] = make_market()
    city, _ = City.objects.get_or_create(slug=slug, defaults=defaults | fields)
    return city


def make_buyer(**fields: Any) -> User:
    number = next(_numbers)
    return User.objects.create_user(
        **{"phone": f"+86138{number:08d}", "name": f"Buyer {number}", "language": "en", "phone_verified": True} | fields
    )


def make_staff(role: str = "platform", **fields: Any) -> User:
    number = next(_numbers)
    return User.objects.create_user(
        **{"email": f"staff{number}@example.com", "name": f"Staff {number}", "is_staff": True, "staff_role": role}
        | fields
    )


def make_dealership(**fields: Any) -> Dealership:
    number = next(_numbers)
    market = fields.pop("market", None) or make_market()
    brands = fields.pop("brands", ())
    defaults = {
        "code": f"D-{number}",
        "name": f"Dealership {number}",
        "name_local": f"经销商{number}",
        "market": market,
        "latitude": 38.88,
        "longitude": 115.49,
        "time_zone": market.time_zone,
        "opening_hours": "Mo-Su 09:00-18:00",
        "email": f"dealer{number}@example.com",
    }
    if "city" not in fields:
        defaults["city"] = make_city()
    dealership = Dealership.objects.create(**defaults | fields)
    dealership.brands.set(brands)
    return dealership


def make_member(dealership: Dealership, role: str = Membership.Role.ADVISOR, **fields: Any) -> User:
    number = next(_numbers)
    user = User.objects.create_user(
        **{"email": f"advisor{number}@example.com", "name": f"Advisor {number}", "is_staff": True} | fields
    )
    Membership.objects.create(user=user, dealership=dealership, role=role)
    return user


def make_group_member(dealership: Dealership, role: str = Membership.Role.MANAGER, **fields: Any) -> User:
    """Someone who works at every dealership of this one's group, which is made if there is none."""
    if dealership.group is None:
        dealership.group = DealerGroup.objects.create(code=f"group-{dealership.pk}", name=f"Group {dealership.pk}")
        dealership.save(update_fields=["group"])
    number = next(_numbers)
    user = User.objects.create_user(
        **{"email": f"group{number}@example.com", "name": f"Group {number}", "is_staff": True} | fields
    )
    GroupMembership.objects.create(user=user, group=dealership.group, role=role)
    return user


def make_brand(slug: str = "haval", **fields: Any) -> Brand:
    brand, _ = Brand.objects.get_or_create(slug=slug, defaults={"name": slug.title(), "name_zh": "哈弗"} | fields)
    return brand


def make_model(brand: Brand | None = None, name: str = "H2", **fields: Any) -> VehicleModel:
    brand = brand or make_brand()
    defaults = {"slug": f"{brand.slug}-{name.lower()}", "body_type": "suv"} | fields
    vehicle_model, _ = VehicleModel.objects.get_or_create(brand=brand, name=name, defaults=defaults)
    return vehicle_model


def make_trim(vehicle_model: VehicleModel | None = None, **fields: Any) -> Trim:
    number = next(_numbers)
    defaults = {
        "vehicle_model": vehicle_model or make_model(),
        "code": f"trim-{number}",
        "name": f"Elite {number}",
        "model_year": 2014,
        "energy_type": EnergyType.PETROL,
        "seats": 5,
        "engine_displacement_l": Decimal("1.5"),
    }
    return Trim.objects.create(**defaults | fields)


def make_colour(vehicle_model: VehicleModel | None = None, code: str = "white", **fields: Any) -> Colour:
    defaults = {"name": code.title(), "name_zh": "白色", "hex": "#f4f4f2"} | fields
    colour, _ = Colour.objects.get_or_create(vehicle_model=vehicle_model or make_model(), code=code, defaults=defaults)
    return colour


def make_option(name: str = "Tow bar", *, price: str = "0", market: Market | None = None, **fields: Any) -> Option:
    option = Option.objects.create(**{"code": f"option-{next(_numbers)}", "name": name} | fields)
    OptionPrice.objects.create(option=option, market=market or make_market(), amount=Decimal(price))
    return option


def make_offer(trim: Trim, **fields: Any) -> Offer:
    defaults = {
        "trim": trim,
        "market": fields.pop("market", None) or make_market(),
        "validity": (dt.date(2010, 1, 1), None),
        "list_price": Decimal("98800.00"),
        "deposit_amount": Decimal("2000.00"),
    }
    return Offer.objects.create(**defaults | fields)


def make_vin(model_year: int = 2014) -> str:
    return build_vin(maker="LGW", descriptor="EF4A5", model_year=model_year, plant="E", serial=next(_numbers))


def make_unit(trim: Trim | None = None, dealership: Dealership | None = None, **fields: Any) -> StockUnit:
    """A car on sale: its trim gets an offer in the market when it has none."""
    trim = trim or make_trim()
    market = fields.pop("market", None) or make_market()
    if not trim.offers.filter(market=market).exists():
        make_offer(trim, market=market)
    defaults = {
        "vin": make_vin(),
        "trim": trim,
        "colour": fields.pop("colour", None) or make_colour(trim.vehicle_model),
        "market": market,
        "dealership": dealership or make_dealership(market=market),
    }
    return StockUnit.objects.create(**defaults | fields)


def make_demo_car(dealership: Dealership, trim: Trim | None = None) -> DemoCar:
    return DemoCar.objects.create(dealership=dealership, trim=trim or make_trim(), plate=f"DEMO-{next(_numbers)}")


def make_terms(market: Market | None = None, version: str = "1") -> Terms:
    terms, _ = Terms.objects.get_or_create(
        market=market or make_market(),
        version=version,
        defaults={
            "in_force_from": timezone.now() - dt.timedelta(days=1),
            "text": {"en": "Terms", "zh-hans": "条款"},
        },
    )
    return terms


def make_rule(kind: str, **fields: Any) -> PriceRule:
    defaults = {"market": make_market(), "kind": kind, "validity": (dt.date(2010, 1, 1), None), "source": "test"}
    return PriceRule.objects.create(**defaults | fields)


def make_trade_in(dealership: Dealership | None = None, buyer: User | None = None, **fields: Any) -> TradeIn:
    """A request as a buyer makes it, without photographs."""
    dealership, buyer = dealership or make_dealership(), buyer or make_buyer()
    car = {
        "vin": make_vin(),
        "car": "Volkswagen Golf",
        "first_registered_on": dt.date(2018, 5, 1),
        "mileage_km": 84_000,
    }
    return request_trade_in(
        buyer=buyer, dealership=dealership, car=OwnCar(**car | fields), photos=(), actor=Actor.buyer(buyer)
    )


def make_order(unit: StockUnit | None = None, buyer: User | None = None, **fields: Any) -> Order:
    """An order as a buyer places it online: held, awaiting its deposit."""
    unit = unit or make_unit()
    buyer = buyer or make_buyer()
    arguments: dict[str, Any] = {
        "market": unit.market_id,
        "terms_id": make_terms(unit.market).pk,
        "buyer_name": buyer.name,
        "idempotency_key": f"key-{next(_numbers)}",
        "actor": Actor.buyer(buyer),
    }
    return place_order(buyer=buyer, unit_id=unit.pk, **arguments | fields)
