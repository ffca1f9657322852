"""Terms and rules of the brands that sell themselves, and who they are as sellers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.backends.postgresql.psycopg_any import DateRange

from catalog.models import Brand
from o2o_platform.documents.models import Seller
from o2o_platform.markets.models import Market, SalesModel
from orders.models import SaleRule, Terms

from .prices import SWITCHED_ON

VERSION = "2025-01"
# What the brand's terms say before the market's own paragraphs, by market and language.
BRAND_TERMS: Mapping[tuple[str, str], Mapping[str, str]] = {
    ("mercedes-benz", "DE"): {
        "de": "Bedingungen des Mercedes-Benz Online-Stores (Demonstration)\n\n"
        "Verkäufer ist der Hersteller. Der Preis ist überall derselbe; das Center berät, übergibt das Fahrzeug und "
        "erhält dafür eine Vergütung vom Hersteller. Die Anzahlung von 1.000 € wird bis sieben Tage nach der "
        "Bestellung ohne Angabe von Gründen erstattet.",
        "en": "Terms of the Mercedes-Benz online store (demonstration)\n\n"
        "The maker is the seller. The price is the same everywhere; the centre advises, hands the car over and is "
        "paid a fee by the maker. The deposit of €1,000 goes back without a reason until seven days after the order.",
        "pl": "Warunki sklepu internetowego Mercedes-Benz, Niemcy (demonstracja)\n\n"
        "Sprzedawcą jest producent. Cena jest wszędzie taka sama; salon doradza i wydaje samochód. Zaliczka 1 000 € "
        "jest zwracana bez podania przyczyny do siedmiu dni od zamówienia.",
    },
    ("mercedes-benz", "PL"): {
        "pl": "Warunki sklepu internetowego Mercedes-Benz (demonstracja)\n\n"
        "Sprzedawcą jest salon wskazany w zamówieniu. Wpłata 4 000 zł jest zadatkiem w rozumieniu art. 394 Kodeksu "
        "cywilnego; w ciągu 48 godzin od zamówienia jest zwracana bez podania przyczyny.",
        "en": "Terms of the Mercedes-Benz online store, Poland (demonstration)\n\n"
        "The dealership named in the order is the seller. The payment of PLN 4,000 is earnest money (zadatek, Civil "
        "Code, article 394); it goes back without a reason within 48 hours of the order.",
        "de": "Bedingungen des Mercedes-Benz Online-Stores, Polen (Demonstration)\n\n"
        "Verkäufer ist das in der Bestellung genannte Autohaus. Die Zahlung von 4.000 PLN ist ein Reugeld besonderer "
        "Art (zadatek, Art. 394 ZGB); sie wird binnen 48 Stunden nach der Bestellung ohne Gründe erstattet.",
    },
    ("bmw", "DE"): {
        "de": "Bedingungen für BMW in Deutschland (Demonstration)\n\n"
        "Der BMW i3 wird vom Hersteller online verkauft und nach Hause geliefert. Er kann binnen 14 Tagen nach der "
        "Übergabe zurückgegeben werden; bis 300 km sind frei, jeder weitere kostet 0,45 €. Andere Modelle "
        "verkauft das in der Bestellung genannte Autohaus.",
        "en": "Terms for BMW in Germany (demonstration)\n\n"
        "The BMW i3 is sold online by the maker and brought to the buyer's door. It may be returned within 14 days "
        "of the handover; 300 km are free, each one more costs €0.45. Other models are sold by the dealership named "
        "in the order.",
        "pl": "Warunki dla BMW w Niemczech (demonstracja)\n\n"
        "BMW i3 sprzedaje online producent i dostarcza do domu. Można go zwrócić w ciągu 14 dni od wydania; 300 km "
        "jest bezpłatne, każdy następny kosztuje 0,45 €. Inne modele sprzedaje salon wskazany w zamówieniu.",
    },
}


@dataclass(frozen=True, slots=True)
class BrandRule:
    """What holds for a brand beside the market's rule, whose words on button and withdrawal it keeps."""

    brand: str
    market: str
    sales_model: str
    values: Mapping[str, Any]
    source: str


RULES = (
    BrandRule(
        "mercedes-benz",
        "DE",
        SalesModel.AGENCY,
        {"cooling_hours": 168},
        "Demonstration: terms of the brand's online store; the law as for the market",
    ),
    BrandRule(
        "mercedes-benz",
        "PL",
        SalesModel.DEALER,
        {"cooling_hours": 48},
        "Demonstration: terms of the brand's online store; the law as for the market",
    ),
    BrandRule(
        "bmw",
        "DE",
        SalesModel.DIRECT,
        {"return_days": 14, "return_km_limit": 300, "return_km_charge": Decimal("0.45")},
        "Demonstration: return window of the direct sale; the law as for the market",
    ),
)
# brand, market, registered name, address, registration, tax number: all made up.
MAKERS = (
    (
        "mercedes-benz",
        "DE",
        "Demo Mercedes-Benz Vertrieb GmbH",
        "Musterstraße 1, 70327 Stuttgart",
        "HRB 000 001 (Demo)",
        "DE000000001",
    ),
    (
        "bmw",
        "DE",
        "Demo BMW Direktvertrieb GmbH",
        "Musterring 3, 80809 München",
        "HRB 000 003 (Demo)",
        "DE000000003",
    ),
)


def seed_law() -> None:
    """Terms of brands and of the markets' past, rules of brands, makers as sellers; what exists stays."""
    brands = {brand.slug: brand for brand in Brand.objects.filter(slug__in=("mercedes-benz", "bmw"))}
    for market in Market.objects.filter(pk__in=("CN", "DE", "PL")):
        _seed_terms(market, brands)
    for rule in RULES:
        _seed_rule(rule, brands[rule.brand])
    for slug, market_id, name, address, registration, tax in MAKERS:
        Seller.objects.get_or_create(
            brand=brands[slug],
            market_id=market_id,
            defaults={
                "code": f"maker-{slug}-{market_id}".lower(),
                "name": name,
                "address": address,
                "registration_number": registration,
                "tax_number": tax,
            },
        )


def _seed_terms(market: Market, brands: Mapping[str, Brand]) -> None:
    """The first version a market begins with is older than its oldest demo order; a brand's own stand before it."""
    newest = Terms.objects.filter(market=market, brand=None).order_by("-in_force_from").first()
    if newest is None:
        return
    since = dt.datetime.combine(SWITCHED_ON, dt.time.min, market.zone)
    paragraphs = {language: text.split("\n\n", 1) for language, text in newest.text.items()}
    # Without its month, which is that of the newer version.
    text = {
        language: f"{head.split(' (')[0].split('（')[0]}\n\n{rest}" for language, (head, rest) in paragraphs.items()
    }
    Terms.objects.get_or_create(
        market=market, brand=None, version=VERSION, defaults={"in_force_from": since, "text": text}
    )
    for (slug, market_id), own in BRAND_TERMS.items():
        if market_id != market.pk:
            continue
        whole = {language: f"{own[language]}\n\n{rest}" for language, (_head, rest) in paragraphs.items()}
        Terms.objects.get_or_create(
            market=market, brand=brands[slug], version=VERSION, defaults={"in_force_from": since, "text": whole}
        )


def _seed_rule(rule: BrandRule, brand: Brand) -> None:
    known = SaleRule.objects.filter(market=rule.market, brand=brand, sales_model=rule.sales_model)
    common = SaleRule.objects.filter(
        market=rule.market, brand=None, sales_model="", validity__contains=SWITCHED_ON
    ).first()
    if common is None or known.exists():
        return
    SaleRule.objects.create(
        market_id=rule.market,
        brand=brand,
        sales_model=rule.sales_model,
        validity=DateRange(SWITCHED_ON, None, "[)"),
        breach_factor=common.breach_factor,
        withdrawal_days=common.withdrawal_days,
        button=common.button,
        withdrawal_notice=common.withdrawal_notice,
        source=rule.source,
        **rule.values,
    )
