"""How the desk looks and what its side bar lists. Imported by the settings, so nothing here touches a model."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse_lazy
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

Entry = tuple[Promise | str, str, str]
# Pages below a list's address that have an entry of their own in the side bar.
ENTRIES_BELOW = {"orders.order": ("sell/", "reports/")}


def site_name(_request: HttpRequest) -> str:
    """The site's name in the reader's language."""
    return settings.SITE_NAME_ZH if (get_language() or "").startswith("zh") else settings.SITE_NAME


def _may_view(label: str, *, is_for_staff: bool) -> Callable[[HttpRequest], bool]:
    def may_view(request: HttpRequest) -> bool:
        from django.apps import apps
        from django.contrib import admin

        from .access import Access

        if is_for_staff and not Access.of(request).is_staff:
            return False
        return admin.site._registry[apps.get_model(label)].has_view_permission(request)

    return may_view


def _may_sell(request: HttpRequest) -> bool:
    from .access import DEALERSHIP_PARTS, Access

    return Access.of(request).plays(DEALERSHIP_PARTS)


def _item(title: Promise | str, icon: str, label: str, *, is_for_staff: bool) -> dict[str, Any]:
    link = reverse_lazy(f"admin:{label.replace('.', '_')}_changelist")
    item = {
        "title": title,
        "icon": icon,
        "link": link,
        "permission": _may_view(label, is_for_staff=is_for_staff),
    }
    below = ENTRIES_BELOW.get(label)
    return item | {"active": _is_at(link, but_not=below)} if below else item


def _is_at(link: Promise | str, *, but_not: tuple[str, ...]) -> Callable[[HttpRequest], bool]:
    def is_at(request: HttpRequest) -> bool:
        start = str(link)
        return request.path.startswith(start) and not request.path.removeprefix(start).startswith(but_not)

    return is_at


def _group(title: Promise | str, *entries: Entry, is_for_staff: bool = False) -> dict[str, Any]:
    items = [_item(*entry, is_for_staff=is_for_staff) for entry in entries]
    return {"title": title, "separator": True, "items": items}


def _may_read_reports(request: HttpRequest) -> bool:
    from .access import REPORT_PARTS, Access

    return Access.of(request).plays(REPORT_PARTS)


def _report(title: Promise | str, icon: str, name: str) -> dict[str, Any]:
    link = reverse_lazy("admin:orders_order_report", args=[name])
    return {"title": title, "icon": icon, "link": link, "permission": _may_read_reports}


NAVIGATION = [
    {
        "title": "",
        "items": [
            {"title": _("Today"), "icon": "today", "link": reverse_lazy("admin:index")},
            {
                "title": _("Sell in the showroom"),
                "icon": "storefront",
                "link": reverse_lazy("admin:orders_order_sell"),
                "permission": _may_sell,
            },
        ],
    },
    _group(
        _("Sales"),
        (_("Orders"), "receipt_long", "orders.order"),
        (_("Test drives"), "directions_car", "dealers.appointment"),
        (_("Waiting list"), "hourglass_top", "dealers.waitingentry"),
        (_("Closures"), "event_busy", "dealers.closure"),
        (_("Trade-ins"), "swap_horiz", "orders.tradein"),
        (_("Quotes"), "request_quote", "orders.quote"),
        (_("Showroom codes"), "qr_code_2", "orders.showroomcode"),
        (_("Tasks"), "task_alt", "orders.desktask"),
        (_("Notes"), "sticky_note_2", "orders.contactnote"),
        (_("Stock"), "inventory_2", "catalog.stockunit"),
        (_("Vouchers"), "confirmation_number", "orders.voucher"),
        (_("Payments"), "payments", "payments.payment"),
        (_("Refunds"), "currency_exchange", "payments.refund"),
        (_("Direct sales"), "local_shipping", "orders.directsale"),
        (_("Delivery windows"), "event_available", "orders.deliverywindow"),
        (_("Documents"), "description", "documents.document"),
        (_("Sellers"), "store", "documents.seller"),
    ),
    {
        "title": _("Reports"),
        "separator": True,
        "items": [
            _report(_("Channels"), "stacked_bar_chart", "channels"),
            _report(_("Funnel"), "filter_alt", "funnel"),
            _report(_("Dealerships"), "leaderboard", "dealers"),
            _report(_("Campaign"), "celebration", "campaign"),
        ],
    },
    _group(
        _("Dealership"),
        (_("Dealerships"), "apartment", "dealers.dealership"),
        (_("Staff members"), "groups", "dealers.membership"),
        (_("Dealer groups"), "hub", "dealers.dealergroup"),
        (_("Group staff members"), "supervisor_account", "dealers.groupmembership"),
        (_("Demo cars"), "car_rental", "dealers.democar"),
        (_("Delivery endpoints"), "webhook", "dealers.endpoint"),
        (_("Dealer keys"), "key", "dealers.dealerkey"),
        (_("Deliveries"), "outbox", "outbox.delivery"),
        (_("Messages"), "mail", "notifications.sentmessage"),
    ),
    _group(
        _("Catalogue"),
        (_("Brands"), "sell", "catalog.brand"),
        (_("Models"), "directions_car_filled", "catalog.vehiclemodel"),
        (_("Trims"), "format_list_bulleted", "catalog.trim"),
        (_("Colours"), "palette", "catalog.colour"),
        (_("Options"), "add_box", "catalog.option"),
        (_("Offers"), "local_offer", "catalog.offer"),
        (_("Price rules"), "percent", "catalog.pricerule"),
        (_("Import and export"), "upload_file", "catalog.vehicleimport"),
        (_("Campaigns"), "redeem", "catalog.campaign"),
        (_("Voucher offers"), "local_activity", "orders.voucheroffer"),
        (_("Waiting rooms"), "line_start_circle", "waiting.gate"),
        (_("Finance plans"), "account_balance", "catalog.financeplan"),
        (_("Photographs"), "photo_library", "catalog.photo"),
        is_for_staff=True,
    ),
    _group(
        _("Platform"),
        (_("Users"), "person", "accounts.user"),
        (_("Markets"), "public", "markets.market"),
        (_("Cities"), "location_city", "markets.city"),
        (_("Terms"), "gavel", "orders.terms"),
        (_("Journal"), "history", "journal.event"),
        (_("Choices of messages"), "notifications", "notifications.notificationpreference"),
        is_for_staff=True,
    ),
]

UNFOLD: dict[str, Any] = {
    "SITE_TITLE": site_name,
    "SITE_HEADER": site_name,
    "SITE_SUBHEADER": _("Desk"),
    "SITE_SYMBOL": "directions_car",
    "SITE_URL": "/",
    "SITE_FAVICONS": [
        {"rel": "icon", "type": "image/svg+xml", "href": lambda request: static("img/favicon.svg")},
    ],
    "SHOW_HISTORY": True,
    "SHOW_VIEW_ON_SITE": False,
    "SHOW_LANGUAGES": True,
    "SHOW_BACK_BUTTON": True,
    "BORDER_RADIUS": "8px",
    "DASHBOARD_CALLBACK": "orders.desk.today.dashboard",
    "STYLES": [
        lambda request: static("css/desk.css"),
        lambda request: static("css/desk-catalogue.css"),
        lambda request: static("css/desk-contact.css"),
        lambda request: static("css/desk-deliveries.css"),
    ],
    "SCRIPTS": [lambda request: static("js/desk-labels.js")],
    # The accent and the greys of static/css/tokens.css.
    "COLORS": {
        "base": {
            "50": "#f5f6f7",
            "100": "#eceef0",
            "200": "#e1e5e8",
            "300": "#c9cfd4",
            "400": "#a8b1b9",
            "500": "#606a72",
            "600": "#4a535a",
            "700": "#383f46",
            "800": "#252a2f",
            "900": "#191d21",
            "950": "#101316",
        },
        "primary": {
            "50": "#eff8fb",
            "100": "#e3f1f6",
            "200": "#c0e2ed",
            "300": "#8ad7ef",
            "400": "#63c7e6",
            "500": "#3fa9cb",
            "600": "#006080",
            "700": "#004c66",
            "800": "#003b50",
            "900": "#12323e",
            "950": "#04212c",
        },
        "font": {
            "subtle-light": "var(--color-base-500)",
            "subtle-dark": "var(--color-base-400)",
            "default-light": "var(--color-base-700)",
            "default-dark": "var(--color-base-300)",
            "important-light": "var(--color-base-950)",
            "important-dark": "var(--color-base-50)",
        },
    },
    "SIDEBAR": {"show_search": False, "show_all_applications": False, "navigation": NAVIGATION},
}
