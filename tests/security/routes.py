"""Whose each route is. A new route needs a row here: without one a test fails.

`PUBLIC` is for everybody and shows nothing of a person; `ACCOUNT` acts on the signed-in person alone and
names no row; `DEVELOPMENT` is not there in production. The others name a row by the parts of their address.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from catalog.messages import stop_url as stop_alerts_url
from o2o_platform.notifications.kinds import Category
from o2o_platform.notifications.preferences import stop_url as stop_messages_url

from .house import House
from .scopes import SIGN_IN, Body, Parts, Scope, no_parts

PUBLIC = Scope("public")
ACCOUNT = Scope("account")
DEVELOPMENT = Scope("development")


def nothing(house: House) -> dict[str, Any]:
    return {}


def public(parts: Parts) -> Scope:
    return Scope("public", parts)


def buyers(parts: Parts, **fields: Any) -> Scope:
    """One row of a buyer."""
    return Scope("buyer", parts, **fields)


def buyers_list(**fields: Any) -> Scope:
    """Rows of the signed-in buyer."""
    return Scope("buyer", no_parts, is_list=True, **fields)


def bearers(parts: Parts, forged: Parts, **fields: Any) -> Scope:
    """For whoever holds the address; `forged` are the parts of one who guesses."""
    return Scope("bearer", parts, forged=forged, **fields)


def dealers(*scopes: str, row: Parts = no_parts, **fields: Any) -> Scope:
    """Rows of the dealership whose key it is, by a key with one of the scopes."""
    return Scope("dealer", row, key_scopes=scopes, **fields)


def quotes(**fields: Any) -> Scope:
    """An offer once somebody took it: others read that, and nothing else."""
    token = Scope("buyer", lambda house: (house.quote.token,), is_list=True, **fields)
    return replace(token, sends_back=(*token.sends_back, "/quotes/"))


def verb(body: Body = nothing, *, scope: str = "orders", name: str = "order") -> Scope:
    """Something a dealership's system does to one of its orders or test drives."""
    return dealers(scope, row=of(name), reads=False, writes=post(body))


def of(name: str) -> Callable[[House], tuple[object, ...]]:
    """The number of one of the house's rows."""
    return lambda house: (getattr(getattr(house, name), "reference", None) or getattr(house, name).pk,)


def post(body: Body = nothing) -> dict[str, Body]:
    return {"post": body}


def last_part(url: str) -> str:
    return url.rstrip("/").rpartition("/")[2]


def model_slug(house: House) -> tuple[object, ...]:
    return (house.order.trim.vehicle_model.slug,)


def trim_slugs(house: House) -> tuple[object, ...]:
    return (*model_slug(house), house.order.trim.code)


def place_code(house: House) -> tuple[object, ...]:
    return (house.place.code,)


def campaign_slug(house: House) -> tuple[object, ...]:
    """Its page shows reservations without anything about who made them."""
    return ("house-festival",)


def gate_name(house: House) -> tuple[object, ...]:
    """A waiting room is everybody's; what it shows is the reader's own place."""
    return ("festival",)


def moved(house: House) -> dict[str, Any]:
    return {"starts_at": (house.drive.starts_at + timedelta(days=1)).isoformat()}


def sale(house: House) -> dict[str, Any]:
    return {"vin": house.quote.stock_unit.vin, "buyer": {"name": "Han Mei", "phone": "13800138999"}}


def stock_list(house: House) -> dict[str, Any]:
    return {"cars": [{"vin": house.order.stock_unit.vin} | stock_put(house)]}


def drive_verb(body: Body = nothing) -> Scope:
    return verb(body, scope="appointments", name="drive")


def stock_put(house: House) -> dict[str, Any]:
    unit = house.order.stock_unit
    return {"trim": unit.trim.code, "colour": unit.colour.code, "is_offered": False}


ROUTES: dict[str, Scope] = {
    # Pages everybody may read.
    "": PUBLIC,
    "city/": PUBLIC,
    "robots.txt": PUBLIC,
    "sitemap.xml": PUBLIC,
    "sitemap-<slug:section>-<int:part>.xml": public(lambda house: ("dealerships", 1)),
    "share/site.png": PUBLIC,
    "media/photos/<picture:name>": public(lambda house: ("0" * 32 + ".webp",)),
    "theme/<slug:digest>.css": public(lambda house: ("0" * 16,)),
    "cars/": PUBLIC,
    "cars/suggest/": PUBLIC,
    "cars/<slug:slug>/": public(model_slug),
    "cars/<slug:slug>/<slug:code>/": public(trim_slugs),
    "cars/<slug:slug>/<slug:code>/finance/": public(trim_slugs),
    "compare/": PUBLIC,
    "c/": PUBLIC,
    "c/<str:code>/": public(lambda house: ("ABCD-EFGH",)),
    "share/<slug:slug>.png": public(model_slug),
    "share/<slug:slug>/<slug:code>.png": public(trim_slugs),
    "dealerships/": PUBLIC,
    "dealerships/<slug:code>/": public(place_code),
    "test-drives/new/": PUBLIC,
    "trade-in/": PUBLIC,
    "s/<slug:code>/": public(lambda house: (house.code.code,)),
    "showroom/<slug:code>/": public(lambda house: (house.code.code,)),
    "quotes/": PUBLIC,
    "vouchers/<slug:slug>/": public(lambda house: (house.voucher.offer.slug,)),
    "festivals/": PUBLIC,
    "festivals/<slug:slug>/": public(campaign_slug),
    "festivals/<slug:slug>/live/": public(campaign_slug),
    "reserve/": PUBLIC,
    "interest/": PUBLIC,
    # The account of whoever is signed in.
    "saved/cars/": ACCOUNT,
    "saved/searches/": ACCOUNT,
    "saved/resume/": ACCOUNT,
    "garage/": buyers_list(),
    "garage/data/": buyers_list(),
    "garage/data/download/": buyers_list(),
    "garage/data/delete/": ACCOUNT,
    "garage/messages/": buyers_list(writes=post(), sends_back=(*SIGN_IN, "/garage/messages/")),
    "test-drives/waiting/": ACCOUNT,
    "queue/<slug:name>/": Scope("account", gate_name),
    "queue/<slug:name>/standing/": Scope("account", gate_name),
    "queue/<slug:name>/again/": Scope("account", gate_name, reads=False, writes=post()),
    "admin/login/": PUBLIC,
    "i18n/setlang/": PUBLIC,
    "accounts/login/": PUBLIC,
    "accounts/login/code/confirm/": ACCOUNT,
    "accounts/signup/": ACCOUNT,
    "accounts/logout/": ACCOUNT,
    "accounts/inactive/": ACCOUNT,
    "accounts/reauthenticate/": ACCOUNT,
    "accounts/2fa/": ACCOUNT,
    "accounts/2fa/authenticate/": ACCOUNT,
    "accounts/2fa/reauthenticate/": ACCOUNT,
    "accounts/2fa/totp/activate/": ACCOUNT,
    "accounts/2fa/totp/deactivate/": ACCOUNT,
    "accounts/2fa/recovery-codes/": ACCOUNT,
    "accounts/2fa/recovery-codes/generate/": ACCOUNT,
    "accounts/2fa/recovery-codes/download/": ACCOUNT,
    # A buyer's own.
    "saved/cars/<int:pk>/": buyers(of("saved_car"), reads=False, writes=post(lambda house: {"do": "delete"})),
    "saved/searches/<int:pk>/": buyers(of("saved_search"), reads=False, writes=post(lambda house: {"do": "delete"})),
    "alerts/stop/<str:token>/": bearers(
        lambda house: (last_part(stop_alerts_url(house.saved_search)),),
        forged=lambda house: (f"search.{house.saved_search.pk}:{'A' * 43}",),
        writes=post(),
    ),
    "messages/stop/<str:token>/": bearers(
        lambda house: (last_part(stop_messages_url(house.buyer, Category.REMINDERS)),),
        forged=lambda house: (f"{Category.REMINDERS}.{house.buyer.pk}:{'A' * 43}",),
        writes=post(),
    ),
    "^calendar/(?P<token>[A-Za-z0-9_-]{43})\\.ics$": bearers(
        lambda house: (house.feed,), forged=lambda house: (house.feed[:-5] + "AAAAA",)
    ),
    "quotes/<slug:token>/": quotes(),
    "quotes/<slug:token>/claim/": quotes(reads=False, writes=post()),
    "quotes/<slug:token>/reserve/": quotes(writes=post()),
    "quotes/<slug:token>/test-drive/": quotes(),
    "test-drives/waiting/<int:pk>/": buyers(of("waiting")),
    "test-drives/waiting/<int:pk>/leave/": buyers(of("waiting"), reads=False, writes=post()),
    "test-drives/<slug:reference>.ics": buyers(of("drive")),
    "test-drives/<slug:reference>/": buyers(of("drive")),
    "test-drives/<slug:reference>/move/": buyers(of("drive"), writes=post()),
    "test-drives/<slug:reference>/accept/": buyers(of("drive"), reads=False, writes=post()),
    "test-drives/<slug:reference>/cancel/": buyers(of("drive"), reads=False, writes=post()),
    "trade-in/<slug:reference>/": buyers(of("trade_in")),
    "trade-in/<slug:reference>/withdraw/": buyers(of("trade_in"), reads=False, writes=post()),
    "trade-in/<slug:reference>/photos/<int:position>.webp": Scope(
        "buyer or advisor", lambda house: (house.trade_in.reference, 0)
    ),
    "interest/<int:pk>/withdraw/": buyers(of("interest"), reads=False, writes=post()),
    "orders/<slug:reference>/": buyers(of("order")),
    "orders/<slug:reference>/state/": buyers(of("order")),
    "orders/<slug:reference>/terms/": buyers(of("order")),
    "orders/<slug:reference>/withdraw/": buyers(of("order"), writes=post()),
    "orders/<slug:reference>/cancel/": buyers(of("order"), writes=post(lambda house: {"expected_refund": "2000.00"})),
    "orders/<slug:reference>/alternative/": buyers(of("order"), reads=False, writes=post(lambda house: {"unit": 1})),
    "orders/<slug:reference>/decide/": buyers(of("order"), reads=False, writes=post(lambda house: {"answer": "agree"})),
    "orders/<slug:reference>/test-drive/": buyers(of("order")),
    "orders/<slug:reference>/identity/": buyers(of("direct_order"), writes=post()),
    "orders/<slug:reference>/delivery/": buyers(of("direct_order"), writes=post()),
    "orders/<slug:reference>/delivery/window/": buyers(
        of("direct_order"), reads=False, writes=post(lambda house: {"window": 1})
    ),
    "orders/<slug:reference>/loan/": buyers(of("direct_order"), writes=post(lambda house: {"plan": 1})),
    "orders/<slug:reference>/return/": buyers(of("direct_order"), writes=post(lambda house: {"odometer_km": 1})),
    "pay/<slug:reference>/balance/": buyers(of("direct_order"), writes=post(lambda house: {"amount": "1"})),
    "my-vouchers/<slug:reference>/": buyers(of("voucher")),
    # Its owner is led to the voucher, everybody else to the desk, which asks for a part at a dealership.
    "v/<slug:code>/": buyers(
        lambda house: (house.voucher.code,), sends_back=(*SIGN_IN, "/admin/orders/voucher/redeem/")
    ),
    "pay/vouchers/<slug:slug>/": Scope(
        "account",
        lambda house: (house.voucher.offer.slug,),
        reads=False,
        writes=post(lambda house: {"idempotency_key": "key-0000000000000002"}),
    ),
    "pay/voucher/<slug:reference>/": buyers(of("voucher"), reads=False, writes=post()),
    "pay/voucher/<slug:reference>/refund/": buyers(of("voucher"), writes=post()),
    "pay/<slug:reference>/": buyers(
        of("unpaid"), writes=post(lambda house: {"idempotency_key": "key-0000000000000001"})
    ),
    "pay/return/<slug:reference>/": buyers(of("payment")),
    # Signed by the provider.
    "pay/notice/<slug:provider_name>/": Scope(
        "provider", lambda house: ("sandbox",), reads=False, writes=post(), refused=frozenset({400})
    ),
    # Papers: the owner's own, and whether one is real for whoever holds it.
    "documents/<str:number>.pdf": buyers(lambda house: (house.document.number,)),
    "documents/check/<str:code>/": bearers(
        lambda house: (house.document.check_code,), forged=lambda house: ("A" * 22,)
    ),
    # The API: for everybody, for the signed-in buyer, and for a dealership's system.
    "api/schema/": PUBLIC,
    "api/docs/": PUBLIC,
    "api/v1/vehicles/": PUBLIC,
    "api/v1/vehicles/<str:code>/": public(lambda house: (house.order.trim.code,)),
    "api/v1/stock/": PUBLIC,
    "api/v1/stock/<int:pk>/": public(lambda house: (house.order.stock_unit.pk,)),
    "api/v1/dealerships/": PUBLIC,
    "api/v1/dealerships/<str:code>/": public(place_code),
    "api/v1/dealerships/<str:code>/slots/": public(place_code),
    "api/v1/appointments/": buyers_list(writes=post()),
    "api/v1/appointments/<str:reference>/": buyers(of("drive")),
    "api/v1/appointments/<str:reference>/cancel/": buyers(of("drive"), reads=False, writes=post()),
    "api/v1/appointments/<str:reference>/reschedule/": buyers(of("drive"), reads=False, writes=post(moved)),
    "api/v1/orders/": buyers_list(writes=post()),
    "api/v1/orders/<str:reference>/": buyers(of("order")),
    "api/v1/orders/<str:reference>/cancel/": buyers(
        of("order"), reads=False, writes=post(lambda house: {"expected_refund": "2000.00"})
    ),
    "api/v1/orders/<str:reference>/deposit/": buyers(of("unpaid"), reads=False, writes=post()),
    "api/v1/orders/<str:reference>/balance/": buyers(
        of("direct_order"), reads=False, writes=post(lambda house: {"amount": "1"})
    ),
    "api/v1/orders/<str:reference>/direct/": buyers(of("direct_order")),
    "api/v1/orders/<str:reference>/direct/identity/": buyers(
        of("direct_order"), reads=False, writes=post(lambda house: {"name": "Li Lei", "number": "E1234567"})
    ),
    "api/v1/orders/<str:reference>/direct/address/": buyers(
        of("direct_order"),
        reads=False,
        writes=post(lambda house: {"line": "A 1", "postcode": "071000", "city": "baoding"}),
    ),
    "api/v1/orders/<str:reference>/direct/delivery/": buyers(
        of("direct_order"), writes=post(lambda house: {"window": 1})
    ),
    "api/v1/orders/<str:reference>/direct/loan/": buyers(
        of("direct_order"), reads=False, writes=post(lambda house: {"plan": None})
    ),
    "api/v1/orders/<str:reference>/direct/return/": buyers(
        of("direct_order"), reads=False, writes=post(lambda house: {"odometer_km": 1, "expected_refund": "1.00"})
    ),
    "api/v1/interests/": buyers_list(writes=post()),
    "api/v1/interests/<int:pk>/": buyers(of("interest"), reads=False, writes={"delete": nothing}),
    "api/v1/vouchers/": buyers_list(writes=post()),
    "api/v1/vouchers/<str:reference>/": buyers(of("voucher")),
    "api/v1/vouchers/<str:reference>/pay/": buyers(of("voucher"), reads=False, writes=post()),
    "api/v1/vouchers/<str:reference>/refund/": buyers(of("voucher"), reads=False, writes=post()),
    "api/v1/documents/": buyers_list(),
    "api/v1/documents/<str:number>/": buyers(lambda house: (house.document.number,)),
    "api/v1/documents/<str:number>/pdf/": buyers(lambda house: (house.document.number,)),
    "api/v1/dealer/documents/": dealers("orders", is_list=True),
    "api/v1/dealer/documents/<str:number>/": dealers("orders", row=lambda house: (house.document.number,)),
    "api/v1/dealer/documents/<str:number>/pdf/": dealers("orders", row=lambda house: (house.document.number,)),
    "api/v1/dealer/orders/": dealers("orders", is_list=True),
    "api/v1/dealer/orders/<str:reference>/": dealers("orders", row=of("order")),
    "api/v1/dealer/orders/<str:reference>/accept/": verb(),
    "api/v1/dealer/orders/<str:reference>/acknowledge/": verb(),
    "api/v1/dealer/orders/<str:reference>/decline/": verb(lambda house: {"reason": "sold"}),
    "api/v1/dealer/orders/<str:reference>/ready/": verb(),
    "api/v1/dealer/orders/<str:reference>/hand-over/": verb(lambda house: {"code": "000000"}),
    "api/v1/dealer/orders/<str:reference>/voucher/": verb(lambda house: {"code": house.voucher.code}, scope="payments"),
    "api/v1/dealer/orders/<str:reference>/payments/": dealers(
        "payments", row=of("order"), writes=post(lambda house: {"method": "card", "amount": "1.00"})
    ),
    "api/v1/dealer/sales/": dealers("sales", reads=False, writes=post(sale)),
    "api/v1/dealer/stock/": dealers(
        "stock", is_list=True, writes={"put": stock_list, "patch": lambda house: stock_list(house) | {"remove": []}}
    ),
    # Another dealership's VIN is a conflict that says nothing more.
    "api/v1/dealer/stock/<str:vin>/": dealers(
        "stock",
        row=lambda house: (house.order.stock_unit.vin,),
        writes={"put": stock_put, "delete": nothing},
        refused=frozenset({401, 403, 404, 409}),
    ),
    "api/v1/dealer/advisors/": dealers("appointments", "sales", is_list=True),
    "api/v1/dealer/changes/": dealers("orders", "appointments", is_list=True),
    "api/v1/dealer/appointments/": dealers("appointments", is_list=True),
    "api/v1/dealer/appointments/<str:reference>/": dealers("appointments", row=of("drive")),
    "api/v1/dealer/appointments/<str:reference>/check-in/": drive_verb(lambda house: {"licence_checked": True}),
    "api/v1/dealer/appointments/<str:reference>/confirm/": drive_verb(),
    "api/v1/dealer/appointments/<str:reference>/decline/": drive_verb(lambda house: {"reason": "No car"}),
    "api/v1/dealer/appointments/<str:reference>/done/": drive_verb(),
    "api/v1/dealer/appointments/<str:reference>/no-show/": drive_verb(),
    "api/v1/dealer/appointments/<str:reference>/propose/": drive_verb(moved),
    # Not there in production.
    "dev/interface/": DEVELOPMENT,
    "dev/messages/": DEVELOPMENT,
    "dev/messages/templates/": DEVELOPMENT,
    "sandbox/<slug:number>/": DEVELOPMENT,
}
