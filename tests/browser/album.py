"""Every page there is, each with who looks at it: for the page tests and for `make shots`."""

from __future__ import annotations

from dataclasses import dataclass

from catalog.listing import CarCriteria
from catalog.models import StockUnit, Trim
from catalog.places import Place
from catalog.services.saving import save_car, save_search
from o2o_platform.accounts.models import User
from o2o_platform.markets.models import Market
from orders.models import Order
from orders.services.scanning import code_of_dealership, codes_of_cars
from payments.services import start_deposit

from .scenes import ENDINGS, STATES, Showroom, new_buyer, order_car

# By name, so that each is a test of its own before there are data.
OF_VISITORS = {
    "home": "/",
    "cars": "/cars/",
    "cars-filtered": "/cars/?brand=haval&stock=any",
    "cars-none": "/cars/?brand=haval&seats=7&q=zz",
    "model": "/cars/haval-h2/",
    "trim": "",
    "compare": "",
    "compare-one": "",
    "compare-help": "/compare/",
    "reserve-visitor": "",
    "taken": "",
    "dealerships": "/dealerships/",
    "dealership": "/dealerships/CN-BAO-009/",
    "drive-car": "/test-drives/new/",
    "drive-where": "",
    "drive-when": "",
    "quote-code": "/quotes/",
    "quote-visitor": "",
    "showroom": "",
    "showroom-car": "",
    "sign-in": "/accounts/login/",
    "staff-sign-in": "/admin/login/",
    "messages": "/dev/messages/",
    "not-found": "/cars/nothing/",
}
OF_BUYERS = (
    "garage",
    "garage-empty",
    "reserve",
    "quote",
    "quote-gone",
    "quote-with-another",
    "pay",
    "cashier",
    *(f"order-{state}" for state in (*STATES, *ENDINGS)),
    "order-cancel",
    "drive-requested",
    "drive-confirmed",
    "drive-move",
)
OF_STAFF = {
    "desk": "/admin/",
    "desk-order": "",
    "desk-sell": "/admin/orders/order/sell/",
    "desk-orders": "/admin/orders/order/",
    "desk-drives": "/admin/dealers/appointment/",
    "desk-stock": "/admin/catalog/stockunit/",
    "desk-quotes": "/admin/orders/quote/",
    "desk-quote": "",
    "desk-quote-car": "/admin/orders/quote/write/",
    "desk-quote-write": "",
    "desk-codes": "/admin/orders/showroomcode/sheets/",
    "desk-code": "",
    "desk-staff": "/admin/",
}
PAGES = (*OF_VISITORS, *OF_BUYERS, *OF_STAFF)


def keep_some(buyer: User) -> None:
    """A car and a search in the garage."""
    place = Place(Market.objects.get(code="CN"), None, ())
    save_car(buyer, trim_code=Trim.objects.filter(offers__market="CN", is_published=True)[0].code, place=place)
    save_search(buyer, criteria=CarCriteria(market=place.market, chosen={"brand": frozenset({"haval"})}))


@dataclass(frozen=True, slots=True)
class Shot:
    """An address and who opens it."""

    path: str
    user: User | None = None
    status: int = 200


@dataclass(frozen=True, slots=True)
class Album:
    """The pages by name, with the data they show."""

    shots: dict[str, Shot]

    @classmethod
    def fill(cls, *, language: str = "zh-hans") -> Album:
        showroom, buyer = Showroom.load(), new_buyer(language)
        orders = {state: showroom.order_in(state, buyer) for state in (*STATES, *ENDINGS)}
        shots = cls._of_visitors(showroom, orders["reserved"].stock_unit)
        shots |= cls._of_orders(showroom, buyer, orders)
        shots |= {
            "garage-empty": Shot("/garage/", new_buyer(language)),
            "reserve": Shot(f"/reserve/?unit={showroom.free_unit().pk}", new_buyer(language)),
        }
        return cls(shots | cls._of_quotes(showroom, buyer) | cls._of_staff(showroom, orders["ready"]))

    @staticmethod
    def _of_visitors(showroom: Showroom, taken: StockUnit) -> dict[str, Shot]:
        unit = showroom.free_unit()
        drive = f"/test-drives/new/?trim={unit.trim.code}"
        codes = Trim.objects.filter(electric_range_km__gt=0).order_by("-pk").values_list("code", flat=True)[:4]
        paths = OF_VISITORS | {
            "trim": f"/cars/haval-h2/{unit.trim.code}/",
            "compare": f"/compare/?{'&'.join(f'trim={code}' for code in codes)}",
            "compare-one": f"/compare/?trim={unit.trim.code}&q=haval",
            "reserve-visitor": f"/reserve/?unit={unit.pk}",
            "taken": f"/reserve/?unit={taken.pk}",
            "drive-where": drive,
            "drive-when": f"{drive}&dealership={showroom.place.code}",
        }
        return {name: Shot(path, status=404 if name == "not-found" else 200) for name, path in paths.items() if path}

    @staticmethod
    def _of_orders(showroom: Showroom, buyer: User, orders: dict[str, Order]) -> dict[str, Shot]:
        keep_some(buyer)
        payment = start_deposit(orders["placed"].pk, idempotency_key=f"album-{orders['placed'].reference}")
        requested = showroom.drive_for(orders["accepted"], is_confirmed=False)
        confirmed = showroom.drive_for(orders["reserved"], is_confirmed=True)
        paths = {f"order-{state}": f"/orders/{order.reference}/" for state, order in orders.items()} | {
            "garage": "/garage/",
            "pay": f"/pay/{orders['placed'].reference}/",
            "cashier": f"/sandbox/{payment.provider_reference}/",
            "order-cancel": f"/orders/{orders['accepted'].reference}/cancel/",
            "drive-requested": f"/test-drives/{requested.reference}/",
            "drive-confirmed": f"/test-drives/{confirmed.reference}/",
            "drive-move": f"/test-drives/{confirmed.reference}/move/",
        }
        return {name: Shot(path, buyer) for name, path in paths.items()}

    @staticmethod
    def _of_quotes(showroom: Showroom, buyer: User) -> dict[str, Shot]:
        """Offers in each state, and where scans lead."""
        offered, taken, gone = (showroom.quote_for(who) for who in (None, buyer, buyer))
        order_car(gone.stock_unit, new_buyer())
        counter, (car,) = code_of_dealership(showroom.place), codes_of_cars(showroom.place, [showroom.free_unit()])
        desk = {
            "desk-quote": f"/admin/orders/quote/{offered.pk}/change/",
            "desk-quote-write": f"/admin/orders/quote/write/?unit={showroom.free_unit().pk}",
            "desk-code": f"/admin/orders/showroomcode/{car.pk}/change/",
        }
        return {name: Shot(path, showroom.advisor) for name, path in desk.items()} | {
            "quote-visitor": Shot(f"/quotes/{offered.token}/"),
            "quote": Shot(f"/quotes/{taken.token}/", buyer),
            "quote-gone": Shot(f"/quotes/{gone.token}/", buyer),
            "quote-with-another": Shot(f"/quotes/{taken.token}/", new_buyer()),
            "showroom": Shot(f"/showroom/{counter.code}/"),
            "showroom-car": Shot(f"/showroom/{car.code}/"),
        }

    @staticmethod
    def _of_staff(showroom: Showroom, order: Order) -> dict[str, Shot]:
        admin = User.objects.filter(is_superuser=True).order_by("pk")[0]
        paths = OF_STAFF | {"desk-order": f"/admin/orders/order/{order.pk}/change/"}
        return {
            name: Shot(path, admin if name == "desk-staff" else showroom.advisor)
            for name, path in paths.items()
            if path
        }
