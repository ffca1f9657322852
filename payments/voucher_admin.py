"""Vouchers at the desk: the advisor's scan, what was spent where, and how an offer sells."""

from __future__ import annotations

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, OuterRef, Q, QuerySet, Subquery, Sum
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from unfold.decorators import display

from o2o_platform.interface.access import DEALERSHIP_PARTS, EVERYONE, NOBODY, Access, actor_of
from o2o_platform.interface.formats import format_money
from o2o_platform.interface.scoping import PlatformAdmin, ScopedAdmin, UncountedPaginator
from o2o_platform.interface.searching import IndexedSearchMixin, by_number, by_number_of, by_phone
from o2o_platform.interface.verbs import see_other
from orders.exceptions import OrderError
from orders.models import Voucher, VoucherOffer

from .models import Payment
from .services import redeem_voucher
from .voucher_desk import CodeForm, RedeemForm, Scanned, orders_at

STATUS_COLOURS = {"pending": "warning", "paid": "info", "redeemed": "success", "expired": "", "refunded": "danger"}


@admin.register(VoucherOffer)
class VoucherOfferAdmin(PlatformAdmin):
    """Written by the platform; what was sold stays as it was sold."""

    editors = NOBODY
    list_display = ("name", "market", "terms", "progress", "spent", "owed", "starts_at", "ends_at", "is_published")
    list_filter = ("market", "is_published")
    list_select_related = ("market",)
    fields = (
        ("name", "name_zh"),
        ("slug", "is_published"),
        ("market", "campaign"),
        "brands",
        ("price", "worth"),
        ("starts_at", "ends_at"),
        "valid_until",
        ("total", "limit_per_person"),
        ("progress", "spent", "owed"),
    )
    readonly_fields = ("progress", "spent", "owed")
    prepopulated_fields = {"slug": ("name",)}
    autocomplete_fields = ("campaign",)
    filter_horizontal = ("brands",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[VoucherOffer]:
        counted = Payment.objects.filter(voucher__offer=OuterRef("pk"), voucher__status="redeemed", method="voucher")
        sums = counted.filter(refunds__isnull=True).order_by().values("voucher__offer").annotate(sum=Sum("amount"))
        return (
            super()
            .get_queryset(request)
            .annotate(
                spent_count=Count("vouchers", filter=Q(vouchers__status="redeemed")),
                owed_sum=Subquery(sums.values("sum")),
            )
        )

    def get_readonly_fields(self, request: HttpRequest, obj: VoucherOffer | None = None) -> tuple[str, ...]:
        """Once one was sold its market stands: the prices of those sold are in its currency."""
        return (*self.readonly_fields, "market") if obj and obj.vouchers.exists() else self.readonly_fields

    @display(description=_lazy("price and worth"))
    def terms(self, offer: VoucherOffer) -> str:
        currency = offer.market.currency
        return f"{format_money(offer.price, currency=currency)} → {format_money(offer.worth, currency=currency)}"

    @display(description=_lazy("sold"))
    def progress(self, offer: VoucherOffer) -> str:
        return f"{offer.sold} / {offer.total}"

    @display(description=_lazy("spent"))
    def spent(self, offer: VoucherOffer) -> int:
        return getattr(offer, "spent_count", 0)

    @display(description=_lazy("owed to dealerships"))
    def owed(self, offer: VoucherOffer) -> str:
        """What the platform compensates dealerships for."""
        if offer.pk is None:
            return "-"
        return format_money(getattr(offer, "owed_sum", None) or 0, currency=offer.market.currency)


@admin.register(Voucher)
class VoucherAdmin(IndexedSearchMixin, ScopedAdmin):
    """A dealership sees what was spent there; the platform sees all. The code is on the buyer's page alone."""

    viewers = EVERYONE
    redeemers = DEALERSHIP_PARTS
    is_frozen = True
    list_before_template = "desk/voucher_link.html"
    list_display = ("reference", "person", "offer_name", "sums", "state", "owed", "order", "dealership", "redeemed_at")
    list_filter = ("status", "dealership")
    list_select_related = ("offer", "buyer", "order", "dealership", "redeemed_by")
    search_fields = ("reference",)
    ways = (by_number(), by_number_of("order", "orders.Order"), by_phone("buyer"))
    search_help_text = _lazy("Number of the voucher or order, or the end of the phone number")
    paginator = UncountedPaginator
    ordering = ("-id",)
    fields = (
        ("reference", "state"),
        ("person", "offer_name"),
        ("sums", "valid_until"),
        ("order", "dealership"),
        ("redeemed_by", "redeemed_at"),
        "owed",
        "created_at",
    )
    readonly_fields = (
        *("reference", "state", "person", "offer_name", "sums", "valid_until", "order", "dealership"),
        *("redeemed_by", "redeemed_at", "owed", "created_at"),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Voucher]:
        counted = Payment.objects.filter(voucher=OuterRef("pk"), method="voucher", refunds__isnull=True)
        return super().get_queryset(request).annotate(counted=Subquery(counted.values("amount")[:1]))

    def get_urls(self) -> list[URLPattern]:
        redeem = self.admin_site.admin_view(self.redeem_view)
        return [path("redeem/", redeem, name="orders_voucher_redeem"), *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: dict | None = None) -> HttpResponse:
        extra = {"may_redeem": Access.of(request).plays(self.redeemers)} | (extra_context or {})
        return super().changelist_view(request, extra)

    def redeem_view(self, request: HttpRequest) -> HttpResponse:
        """Where the scan of a voucher leads: whose it is, what it is worth, and the orders it may be spent on."""
        access = Access.of(request)
        if not access.plays(self.redeemers):
            raise PermissionDenied
        places = access.places(self.redeemers)
        if request.method == "POST":
            return self._redeem(request, places)
        form = CodeForm(request.GET if "code" in request.GET else None)
        return self._show(request, form, places)

    def _show(
        self, request: HttpRequest, form: CodeForm, places: frozenset[int] | None, status: int = 200
    ) -> HttpResponse:
        scanned, code = None, form["code"].value() if form.is_bound else ""
        if form.is_bound and (form.is_valid() or "code" not in form.errors):
            try:
                scanned = Scanned.read(form.cleaned_data["code"], places)
            except OrderError as refusal:
                form.add_error("code", str(refusal))
                status = 404
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Spend a voucher"),
            "form": form,
            "code": code,
            "scanned": scanned,
        }
        return TemplateResponse(request, "desk/voucher.html", context, status=status)

    def _redeem(self, request: HttpRequest, places: frozenset[int] | None) -> HttpResponse:
        form = RedeemForm(request.POST)
        if not form.is_valid():
            return self._show(request, form, places, 422)
        order = orders_at(places).filter(pk=form.cleaned_data["order"]).first()
        if order is None:
            form.add_error("order", _("Choose an order."))
            return self._show(request, form, places, 422)
        try:
            payment = redeem_voucher(form.cleaned_data["code"], order_id=order.pk, actor=actor_of(request))
        except OrderError as refusal:
            form.add_error(None, str(refusal))
            return self._show(request, form, places, 409)
        order.refresh_from_db(fields=["paid_total"])
        said = _("The voucher counts: %(amount)s for order %(order)s. Still to be paid: %(left)s.") % {
            "amount": format_money(payment.amount, currency=order.currency),
            "order": order.reference,
            "left": format_money(order.balance_due, currency=order.currency),
        }
        messages.success(request, said)
        return see_other(reverse("admin:orders_order_change", args=[order.pk]))

    @display(description=_lazy("buyer"))
    def person(self, voucher: Voucher) -> str:
        return voucher.buyer.name or "-"

    @display(description=_lazy("voucher"))
    def offer_name(self, voucher: Voucher) -> str:
        return voucher.offer.label

    @display(description=_lazy("price and worth"))
    def sums(self, voucher: Voucher) -> str:
        price, worth = (format_money(each, currency=voucher.currency) for each in (voucher.price, voucher.worth))
        return f"{price} → {worth}"

    @display(description=_lazy("status"), label=STATUS_COLOURS)
    def state(self, voucher: Voucher) -> tuple[str, str]:
        return voucher.status, voucher.get_status_display()

    @display(description=_lazy("owed to the dealership"))
    def owed(self, voucher: Voucher) -> str:
        """What was counted for the order, which the platform pays the dealership."""
        counted = getattr(voucher, "counted", None)
        return "-" if counted is None else format_money(counted, currency=voucher.currency)
