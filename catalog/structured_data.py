"""schema.org `Car` and `Offer` of the pages of a model and of a trim.

Of a page only a few attributes are read: `title`, `model`, `lineup` and `overview` or `trim` with `offer`,
`stock`, `paints` and `place`. VINs are left out: pages show none in full.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from catalog.models import BodyType, Colour, Drivetrain, EnergyType, Offer, Stage, Trim, VehicleModel
from catalog.paths import dealer_path, list_path, model_path, trim_path
from o2o_platform.interface.addresses import in_language
from o2o_platform.interface.formats import choice_label
from o2o_platform.interface.structured_data import Thing, describe_dealer, describe_path, graph, known

SELLERS_NAMED = 3
DRIVE = {
    Drivetrain.FWD: "https://schema.org/FrontWheelDriveConfiguration",
    Drivetrain.RWD: "https://schema.org/RearWheelDriveConfiguration",
    Drivetrain.AWD: "https://schema.org/AllWheelDriveConfiguration",
}
AVAILABILITY = {
    Stage.IN_STORE: "https://schema.org/InStock",
    Stage.IN_TRANSIT: "https://schema.org/BackOrder",
    Stage.IN_BUILD: "https://schema.org/PreOrder",
}
TO_ORDER = "https://schema.org/PreOrder"
NEW = "https://schema.org/NewCondition"
FUELLESS = (EnergyType.BEV, EnergyType.FCEV)


def describe_model_page(page: Any, *, image: str = "") -> Thing:
    """A model: one `Car` with the range of its prices, and the path to it. `image` is an absolute address."""
    model, trims = page.model, [offer.trim for offer in page.offers]
    car = describe_line(model, page.title) | known(
        url=in_language(model_path(model.slug)),
        image=image,
        color=_colours(page.paints),
        vehicleModelDate=_years(trims),
        fuelType=_joined(page.overview.energies),
        offers=_price_range(page),
    )
    return graph(car, describe_path(_steps(model, page.title)))


def describe_trim_page(page: Any, *, image: str = "") -> Thing:
    """A trim: a `Car` with its figures, what it costs and who sells it, and the path to it."""
    model, trim = page.model, page.trim
    name = f"{page.title} {trim.label}"
    path = trim_path(model.slug, trim.code)
    car = (
        describe_line(model, name)
        | describe_figures(trim)
        | known(
            url=in_language(path),
            image=image,
            sku=trim.code,
            color=_colours(page.paints),
            offers=describe_offer(page.offer, page.stock, page.central, path=path) if page.offer else None,
        )
    )
    return graph(car, describe_path([*_steps(model, page.title), (trim.label, path)]))


def describe_line(model: VehicleModel, name: str) -> Thing:
    """What all trims of a model share."""
    brand = model.brand.label
    return {
        "@type": "Car",
        "name": name,
        "description": _("%(car)s: price, colours, options and cars in stock at dealerships near you.") % {"car": name},
        "brand": {"@type": "Brand", "name": brand},
        "manufacturer": {"@type": "Organization", "name": brand},
        "model": model.label,
        "bodyType": choice_label(BodyType, model.body_type),
        "itemCondition": NEW,
    }


def describe_figures(trim: Trim) -> Thing:
    """The figures of a trim with UN/CEFACT unit codes; a range or consumption never without its cycle."""
    energy = choice_label(EnergyType, trim.energy_type)
    return known(
        vehicleConfiguration=trim.label,
        vehicleModelDate=str(trim.model_year),
        fuelType=energy,
        driveWheelConfiguration=DRIVE.get(trim.drivetrain),
        vehicleTransmission=trim.transmission,
        vehicleSeatingCapacity=trim.seats,
        numberOfDoors=trim.doors,
        vehicleEngine=_engine(trim, energy),
        depth=_quantity(trim.length_mm, "MMT"),
        width=_quantity(trim.width_mm, "MMT"),
        height=_quantity(trim.height_mm, "MMT"),
        wheelbase=_quantity(trim.wheelbase_mm, "MMT"),
        speed=_quantity(trim.top_speed_kmh, "KMH"),
        accelerationTime=_acceleration(trim),
        fuelConsumption=_consumption(trim),
        emissionsCO2=trim.co2,
        additionalProperty=_properties(trim),
    )


def describe_offer(offer: Offer, stock: Iterable[Any], central: Sequence[Any], *, path: str) -> Thing:
    """The list price with VAT, how soon a car is there, and the nearest dealerships that have one."""
    spots = list(stock)
    groups = [*central, *(group for spot in spots for group in spot.groups)]
    sellers = [_dealer(spot.dealership) for spot in spots[:SELLERS_NAMED]]
    units = sum(each.count for each in [*central, *spots])
    return known(
        **{"@type": "Offer"},
        url=in_language(path),
        price=_amount(offer.list_price),
        priceCurrency=offer.market.currency,
        priceValidUntil=_last_day(offer),
        availability=_availability(group.stage for group in groups),
        itemCondition=NEW,
        inventoryLevel={"@type": "QuantitativeValue", "value": units} if units else None,
        seller=sellers[0] if sellers else {"@id": f"{settings.SITE_URL}/#organization"},
        availableAtOrFrom=sellers[1:],
    )


def _price_range(page: Any) -> Thing | None:
    """The prices of all trims on sale; of the trims shown side by side, each with how soon one is there."""
    if not page.offers:
        return None
    stages = [stage for _free, stage in page.lineup.stock]
    start, language = in_language(model_path(page.model.slug)).split("?", 1)
    return {
        "@type": "AggregateOffer",
        "lowPrice": _amount(page.overview.from_price),
        "highPrice": _amount(page.overview.to_price),
        "priceCurrency": page.currency,
        "offerCount": len(page.trim_ids),
        "availability": _availability([*stages, *(group.stage for spot in page.stock for group in spot.groups)]),
        "itemCondition": NEW,
        "offers": [
            _line_offer(head, offer, stage, url=f"{start}{offer.trim.code}/?{language}", currency=page.currency)
            for head, offer, stage in zip(page.lineup.heads, page.offers, stages, strict=True)
        ],
    }


def _line_offer(head: Any, offer: Offer, stage: Stage | None, *, url: str, currency: str) -> Thing:
    """One trim among those of a model: without sellers, which its own page names."""
    return known(
        **{"@type": "Offer"},
        name=head.label,
        url=url,
        price=_amount(offer.list_price),
        priceCurrency=currency,
        priceValidUntil=_last_day(offer),
        availability=_availability([stage]),
        itemCondition=NEW,
    )


def _availability(stages: Iterable[Stage | None]) -> str:
    """The soonest a car is there; one that nobody has is built to order."""
    found = set(stages)
    return next((url for stage, url in AVAILABILITY.items() if stage in found), TO_ORDER)


def _dealer(dealership: Any) -> Thing:
    return describe_dealer(dealership, dealer_path(dealership.code))


def _steps(model: VehicleModel, title: str) -> list[tuple[str, str]]:
    cars = list_path()
    return [
        (_("Cars"), cars),
        (model.brand.label, f"{cars}?brand={model.brand.slug}"),
        (title, model_path(model.slug)),
    ]


def _colours(paints: Iterable[Any]) -> list[str]:
    colours: list[Colour] = [paint.colour for paint in paints]
    return [colour.label for colour in colours]


def _engine(trim: Trim, energy: str) -> Thing | None:
    facts = known(
        engineDisplacement=None if trim.energy_type in FUELLESS else _quantity(trim.engine_displacement_l, "LTR"),
        enginePower=_quantity(trim.power_kw, "KWT"),
        torque=_quantity(trim.torque_nm, "NU"),
    )
    return {"@type": "EngineSpecification", "fuelType": energy, **facts} if facts else None


def _acceleration(trim: Trim) -> Thing | None:
    seconds = _quantity(trim.accel_0_100_s, "SEC")
    return {**seconds, "name": "0-100 km/h"} if seconds else None


def _consumption(trim: Trim) -> Thing | None:
    value = _quantity(trim.fuel_l_per_100km, "")
    return {**value, "unitText": f"l/100 km {trim.fuel_cycle}".strip()} if value else None


def _properties(trim: Trim) -> list[Thing]:
    """Figures the vocabulary has no word for."""
    facts = []
    if trim.electric_range_km:
        name = _("Electric range (%(cycle)s)") % {"cycle": trim.range_cycle}
        facts.append(known(name=name, value=trim.electric_range_km, unitCode="KMT"))
    if trim.co2_class:
        classes = filter(None, (trim.co2_class, trim.co2_class_depleted))
        facts.append(known(name=_("CO₂ class (Germany)"), value=" / ".join(classes)))
    if trim.battery_kwh:
        facts.append(known(name=_("Battery"), value=_amount(trim.battery_kwh), unitCode="KWH"))
    return [{"@type": "PropertyValue", **fact} for fact in facts]


def _quantity(value: Decimal | int | None, unit: str) -> Thing | None:
    if value is None:
        return None
    return known(**{"@type": "QuantitativeValue"}, value=_amount(value), unitCode=unit)


def _amount(value: Decimal | int) -> int | str:
    """A number without needless zeros; a fraction as the text of its decimals, never a float."""
    whole = int(value)
    return whole if whole == value else format(Decimal(value).normalize(), "f")


def _last_day(offer: Offer) -> str:
    """The last day an offer holds; nothing while its end is open."""
    return (offer.validity.upper - dt.timedelta(days=1)).isoformat() if offer.validity.upper else ""


def _years(trims: Iterable[Trim]) -> str:
    years = [trim.model_year for trim in trims]
    return str(max(years)) if years else ""


def _joined(texts: Iterable[Any]) -> str:
    return ", ".join(dict.fromkeys(str(text) for text in texts))
