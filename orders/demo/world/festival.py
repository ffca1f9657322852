"""A festival of many brands: one campaign runs, one is announced with its waiting room, one is over."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from django.utils import timezone
from django.utils.translation import gettext_noop as _

from catalog.models import Campaign, CampaignQuota, CampaignStep, Trim
from dealers.models import Dealership
from o2o_platform.markets.models import City, Market
from o2o_platform.waiting.models import Gate
from orders.models import VoucherOffer

MARKET = "CN"
LIVE, COMING, OVER = "car-festival", "new-year-rush", "golden-autumn"
VOUCHER, OVER_VOUCHER = "festival-1000", "autumn-1000"
TRIMS = (
    "haval-h6-3rd-gen-2024-1-5t-7dct-2wd",
    "haval-h6-3rd-gen-2024-2-0t-9dct-2wd-pro",
    "haval-raptor-menglong-2024-hi4-102-km",
    "byd-dolphin-2025-420-km-free",
    "byd-dolphin-2025-520-km-knight",
    "byd-qin-plus-dm-i-2024-120-km-outstanding",
    "byd-seal-ev-2025-650-km-rwd-premium",
    "byd-yuan-plus-atto-3-2025-430-km-surpassing",
    "volkswagen-golf-mk7-2014-1-4t-7dct-comfort",
    "volkswagen-id-3-saic-2025-pro",
    "bmw-3-series-l-f35-2014-320li-fashion",
    "mercedes-benz-a-class-w176-2013-a-200-urban",
)


@dataclass(frozen=True, slots=True)
class DemoFestival:
    """Days are counted from the day the world is made, at midnight of the market; the last one is inside."""

    slug: str
    name: str
    name_zh: str
    gift: str
    gift_zh: str
    discount: int
    preheat_day: int
    first_day: int
    last_day: int
    total: int
    story: Mapping[str, str]
    trims: tuple[str, ...] = TRIMS
    steps: tuple[tuple[int, int], ...] = ()
    of_trims: Mapping[str, int] = field(default_factory=dict)
    of_cities: Mapping[str, int] = field(default_factory=dict)
    of_houses: Mapping[str, int] = field(default_factory=dict)
    gate: str = ""


FESTIVALS = (
    DemoFestival(
        slug=OVER,
        name=_("Golden autumn car festival"),
        name_zh="金秋购车节",
        gift=_("a set of winter tyres"),
        gift_zh="冬季轮胎一套",
        discount=2_000,
        preheat_day=-44,
        first_day=-38,
        last_day=-27,
        total=60,
        story={
            "zh-hans": "十二天，多个品牌，线上预订、到店提车。感谢参与，新年场即将开始。",
            "en": "Twelve days, many brands, reserved online and collected at the showroom. The next one is near.",
            "de": "Zwölf Tage, viele Marken, online reserviert und im Autohaus abgeholt. Das nächste Fest ist nah.",
            "pl": "Dwanaście dni, wiele marek, rezerwacja online i odbiór w salonie. Następny festiwal już wkrótce.",
        },
        steps=((40, 1_500),),
    ),
    DemoFestival(
        slug=LIVE,
        name=_("Car festival"),
        name_zh="全民购车节",
        gift=_("a dash camera, fitted at handover"),
        gift_zh="行车记录仪一台（交车时安装）",
        discount=3_000,
        preheat_day=-7,
        first_day=-2,
        last_day=9,
        total=600,
        story={
            "zh-hans": "十二天，五个品牌同台。前 60 位再减 2000 元，前 200 位再减 1000 元。\n\n"
            "线上付订金锁定优惠，到店看车、试驾、付尾款。每人限购一台，到店抵用券可叠加使用。",
            "en": "Twelve days, five brands. The first 60 get another ¥2,000 off, the first 200 another ¥1,000.\n\n"
            "Pay the deposit online to keep the price, then see, drive and pay for the car at the showroom. One car "
            "per person; the showroom voucher comes on top.",
            "de": "Zwölf Tage, fünf Marken. Die ersten 60 sparen weitere 2.000 ¥, die ersten 200 weitere 1.000 ¥.\n\n"
            "Mit der Anzahlung online sichern Sie den Preis; ansehen, Probe fahren und bezahlen im Autohaus. Ein Auto "
            "pro Person, der Gutschein fürs Autohaus kommt obendrauf.",
            "pl": "Dwanaście dni, pięć marek. Pierwsze 60 osób oszczędza dodatkowo 2000 ¥, pierwsze 200: 1000 ¥.\n\n"
            "Zaliczka online gwarantuje cenę; auto zobaczysz, wypróbujesz i opłacisz w salonie. Jedno auto na osobę, "
            "voucher do salonu działa dodatkowo.",
        },
        steps=((60, 2_000), (200, 1_000)),
        of_trims={
            "byd-qin-plus-dm-i-2024-120-km-outstanding": 80,
            "byd-dolphin-2025-520-km-knight": 60,
            "haval-raptor-menglong-2024-hi4-102-km": 50,
            "mercedes-benz-a-class-w176-2013-a-200-urban": 45,
        },
        of_cities={"beijing": 120, "shanghai": 100, "shenzhen": 100},
        of_houses={"CN-BAO-010": 60, "CN-BEI-001": 60},
    ),
    DemoFestival(
        slug=COMING,
        name=_("New year's rush"),
        name_zh="新年抢购夜",
        gift="",
        gift_zh="",
        discount=8_000,
        preheat_day=-1,
        first_day=12,
        last_day=14,
        total=100,
        story={
            "zh-hans": "一百台，先到先得。开始前进入等候室的人一起抽签，开始后按顺序排队。",
            "en": "One hundred cars. Everybody in the waiting room before the start takes part in the draw; who comes "
            "later stands behind.",
            "de": "Hundert Autos. Wer vor dem Start im Warteraum ist, nimmt an der Auslosung teil; wer später kommt, "
            "stellt sich hinten an.",
            "pl": "Sto aut. Kto przed startem jest w poczekalni, bierze udział w losowaniu; kto przyjdzie później, "
            "staje na końcu.",
        },
        trims=("haval-raptor-menglong-2024-hi4-102-km", "byd-seal-ev-2025-650-km-rwd-premium"),
        gate=COMING,
    ),
)


def festival_trims() -> list[Trim]:
    """The cars of the campaign that runs, by code."""
    return list(Trim.objects.filter(code__in=TRIMS).select_related("vehicle_model__brand").order_by("code"))


def seed_festivals() -> None:
    """What is not there yet; a campaign that runs or comes and whose time is over gets the same days again."""
    market = Market.objects.get(pk=MARKET)
    for demo in FESTIVALS:
        campaign = Campaign.objects.filter(slug=demo.slug).first()
        if campaign is None:
            _seed_festival(demo, market)
        elif demo.last_day > 0 and campaign.ends_at <= timezone.now():
            times = _times(demo, market)
            Campaign.objects.filter(pk=campaign.pk).update(**times)
            Gate.objects.filter(name=demo.gate).update(opens_at=times["starts_at"], closes_at=times["ends_at"])
    _seed_vouchers(Campaign.objects.get(slug=LIVE), VOUCHER, _("¥1,000 festival voucher"), "¥1,000 购车节抵用券")
    _seed_vouchers(Campaign.objects.get(slug=OVER), OVER_VOUCHER, _("¥1,000 autumn voucher"), "¥1,000 金秋抵用券")


def _times(demo: DemoFestival, market: Market) -> dict[str, dt.datetime]:
    today = timezone.now().astimezone(market.zone).date()

    def midnight(day: int) -> dt.datetime:
        return dt.datetime.combine(today + dt.timedelta(days=day), dt.time.min, market.zone)

    return {
        "preheat_from": midnight(demo.preheat_day),
        "starts_at": midnight(demo.first_day),
        "ends_at": midnight(demo.last_day + 1),
    }


def _seed_festival(demo: DemoFestival, market: Market) -> None:
    times = _times(demo, market)
    gate = None
    if demo.gate:
        gate, _created = Gate.objects.get_or_create(
            name=demo.gate, defaults={"opens_at": times["starts_at"], "closes_at": times["ends_at"], "capacity": 50}
        )
    campaign = Campaign.objects.create(
        slug=demo.slug,
        name=demo.name,
        name_zh=demo.name_zh,
        gift=demo.gift,
        gift_zh=demo.gift_zh,
        market=market,
        discount=Decimal(demo.discount),
        is_stackable=True,
        limit_per_person=1,
        story=dict(demo.story),
        gate=gate,
        is_published=True,
        **times,
    )
    trims = {trim.code: trim for trim in Trim.objects.filter(code__in=demo.trims)}
    campaign.trims.set(trims.values())
    CampaignStep.objects.bulk_create(
        CampaignStep(campaign=campaign, places=places, discount=discount) for places, discount in demo.steps
    )
    _seed_quotas(campaign, demo, trims)


def _seed_quotas(campaign: Campaign, demo: DemoFestival, trims: Mapping[str, Trim]) -> None:
    cities = City.objects.filter(slug__in=demo.of_cities)
    houses = Dealership.objects.filter(code__in=demo.of_houses)
    CampaignQuota.objects.bulk_create(
        [
            CampaignQuota(campaign=campaign, total=demo.total),
            *(CampaignQuota(campaign=campaign, trim=trims[code], total=n) for code, n in demo.of_trims.items()),
            *(CampaignQuota(campaign=campaign, city=city, total=demo.of_cities[city.slug]) for city in cities),
            *(CampaignQuota(campaign=campaign, dealership=each, total=demo.of_houses[each.code]) for each in houses),
        ]
    )


def _seed_vouchers(campaign: Campaign, slug: str, name: str, name_zh: str) -> None:
    """Pay ¥99, worth ¥1,000 at the showroom, on top of the campaign's price; on sale until the campaign ends."""
    offer = VoucherOffer.objects.filter(slug=slug).first()
    if offer and (offer.ends_at > timezone.now() or campaign.ends_at <= timezone.now()):
        return
    VoucherOffer.objects.update_or_create(
        slug=slug,
        defaults={
            "market": campaign.market,
            "campaign": campaign,
            "name": name,
            "name_zh": name_zh,
            "price": Decimal(99),
            "worth": Decimal(1_000),
            "starts_at": campaign.preheat_from,
            "ends_at": campaign.ends_at,
            "valid_until": campaign.ends_at + dt.timedelta(weeks=8),
            "total": 2_000,
            "limit_per_person": 1,
            "is_published": True,
        },
    )
