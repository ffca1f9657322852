"""Quotes at the desk: writing one, showing its QR code to the buyer, printing it."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from unfold.decorators import display

from catalog.models import StockUnit
from catalog.pricing import PriceBreakdown
from o2o_platform.interface.access import DEALERSHIP_PARTS, EVERYONE, Access, actor_of
from o2o_platform.interface.formats import format_money
from o2o_platform.interface.scoping import ScopedAdmin, UncountedPaginator
from o2o_platform.interface.searching import IndexedSearchMixin, by_number, by_phone, by_vin
from o2o_platform.interface.verbs import VerbAdminMixin, see_other

from ..codes import qr_data_uri
from ..exceptions import OrderError
from ..models import Quote
from ..quote_page import QuotePage
from ..services.quoting import discount_limit, largest_discount, price_of, quote_url
from .printing import print_quote
from .quotes import QUOTE_VERBS, TOLD, QuoteForm, write_quote
from .selling import facts_of, find_units, own_units

STATUS_COLOURS = {"open": "warning", "claimed": "info", "ordered": "success", "withdrawn": "danger"}


@admin.register(Quote)
class QuoteAdmin(VerbAdminMixin, IndexedSearchMixin, ScopedAdmin):
    """The own dealership's quotes; written on a page of their own and then frozen."""

    viewers = EVERYONE
    writers = DEALERSHIP_PARTS
    is_frozen = True
    verbs = QUOTE_VERBS
    verb_relations = ("dealership", "stock_unit", "trim__vehicle_model__brand")
    change_form_before_template = "desk/quote_show.html"
    change_form_after_template = "desk/quote_facts.html"
    list_before_template = "desk/quote_link.html"
    list_display = ("reference", "state", "car", "total", "buyer_short", "advisor", "dealership", "until")
    list_filter = ("status", "dealership", "market")
    list_select_related = ("dealership", "buyer", "advisor", "trim__vehicle_model")
    search_fields = ("reference",)
    ways = (by_number(), by_phone("buyer"), by_vin("stock_unit"))
    search_help_text = _lazy("Number, or the end of the buyer's phone number or the VIN")
    ordering = ("-id",)
    paginator = UncountedPaginator
    fields = (
        ("reference", "status"),
        ("car", "vin"),
        ("dealership", "advisor"),
        ("total", "off"),
        ("old_car", "until"),
        ("buyer_short", "order"),
        "note",
    )
    readonly_fields = tuple(name for row in fields for name in (row if isinstance(row, tuple) else (row,)))

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("write/", view(self.write_view), name="orders_quote_write"),
            path("<int:quote_id>/quote.pdf", view(self.print_view), name="orders_quote_print"),
            *super().get_urls(),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: dict | None = None) -> HttpResponse:
        extra = {"may_write": Access.of(request).plays(self.writers)} | (extra_context or {})
        return super().changelist_view(request, extra)

    def render_change_form(self, request: HttpRequest, context: dict, *args: Any, **kwargs: Any) -> HttpResponse:
        if quote := kwargs.get("obj"):
            context["page"] = QuotePage(quote, None)
            context["zone"] = quote.dealership.zone
            context["events"] = [(event, TOLD.get(event.name, event.name)) for event in quote.events]
            if self._may_show(request, quote):
                context |= {"qr": qr_data_uri(quote_url(quote)), "address": quote_url(quote)}
        return super().render_change_form(request, context, *args, **kwargs)

    def _may_show(self, request: HttpRequest, quote: Quote) -> bool:
        """Whoever sees code or QR can take the offer: only who sells here, and only while it is alive."""
        return quote.status in Quote.LIVE and Access.of(request).plays_at(self.writers, quote.dealership_id)

    def write_view(self, request: HttpRequest) -> HttpResponse:
        """Choose a car of the own stock, then say what is offered for it."""
        access = Access.of(request)
        if not access.plays(self.writers):
            raise PermissionDenied
        places = access.places(self.writers)
        chosen = request.POST.get("unit") or request.GET.get("unit", "")
        number = int(chosen) if chosen.isascii() and chosen.isdigit() and len(chosen) < 19 else 0
        unit = own_units(places).filter(pk=number).first() if number else None
        if unit is None:
            return self._choose(request, places, is_refused=bool(chosen))
        if request.method == "POST":
            return self._write(request, unit, QuoteForm(request.POST, unit=unit))
        return self._form(request, unit, QuoteForm(unit=unit))

    def _choose(self, request: HttpRequest, places: frozenset[int] | None, *, is_refused: bool) -> HttpResponse:
        text = request.GET.get("q", "")
        context = {
            "text": text,
            "is_refused": is_refused,
            "has_several_places": places is None or len(places) > 1,
            "found": facts_of(find_units(places, text)),
        }
        return self._page(request, "desk/quote_car.html", context, status=404 if is_refused else 200)

    def _write(self, request: HttpRequest, unit: StockUnit, form: QuoteForm) -> HttpResponse:
        """The quote, or with `do=price` what it would come to."""
        if not form.is_valid():
            return self._form(request, unit, form, status=422)
        if request.POST.get("do") == "price":
            return self._form(request, unit, form)
        try:
            quote = write_quote(form, advisor=request.user, actor=actor_of(request))
        except (OrderError, ValidationError) as refusal:
            texts = refusal.messages if isinstance(refusal, ValidationError) else [str(refusal)]
            form.add_error(None, " ".join(texts))
            return self._form(request, unit, form, status=409)
        messages.success(request, _("Quote %(quote)s is written. Show the buyer the code.") % {"quote": quote})
        return see_other(reverse("admin:orders_quote_change", args=[quote.pk]))

    def _form(self, request: HttpRequest, unit: StockUnit, form: QuoteForm, *, status: int = 200) -> HttpResponse:
        taken = facts_of([unit])[0]["taken"]
        context: dict[str, Any] = {"unit": unit, "form": form, "taken": taken, "currency": unit.market.currency}
        percent = discount_limit(request.user, unit.dealership_id)  # type: ignore[arg-type]
        price, problem = self._price(request, unit, form)
        if price is not None:
            list_price = next(line.amount for line in price.lines if line.kind == "list_price")
            largest = largest_discount(list_price, percent)
            context |= {"price": price, "largest": format_money(largest, currency=price.currency)}
            context["lines"] = [line for line in price.lines if line.in_contract]
            context["fees"] = [line for line in price.lines if line.is_fee]
        is_part = request.headers.get("HX-Request") == "true"
        template = "desk/_quote_price.html" if is_part else "desk/quote_write.html"
        return self._page(request, template, context | {"percent": percent, "problem": problem}, status=status)

    def _price(self, request: HttpRequest, unit: StockUnit, form: QuoteForm) -> tuple[PriceBreakdown | None, str]:
        """What the offer comes to as typed, or the price of the car alone; and why it can't be had so."""
        plain = QuoteForm({"valid_until": form.fields["valid_until"].initial}, unit=unit)
        typed = form if form.is_bound and form.is_valid() else plain
        try:
            typed.is_valid()
            return price_of(unit, typed.terms, advisor=request.user), ""  # type: ignore[arg-type]
        except OrderError as refusal:
            return None, str(refusal)

    def _page(self, request: HttpRequest, template: str, context: dict[str, Any], *, status: int) -> HttpResponse:
        shown = {**self.admin_site.each_context(request), "opts": self.opts, "title": _("Write a quote"), **context}
        return TemplateResponse(request, template, shown, status=status)

    def print_view(self, request: HttpRequest, quote_id: int) -> HttpResponse:
        """The quote on paper, with its QR code."""
        related = ("dealership__city", "advisor", "trim__vehicle_model__brand", "colour", "stock_unit")
        quote = self.get_queryset(request).select_related(*related).filter(pk=quote_id).first()
        if quote is None or not self._may_show(request, quote):
            raise Http404
        response = HttpResponse(print_quote(quote), content_type="application/pdf")
        response["Content-Disposition"] = f'inline; filename="{quote.reference}.pdf"'
        response["Cache-Control"] = "no-store"
        return response

    @display(description=_lazy("status"), label=STATUS_COLOURS)
    def state(self, quote: Quote) -> tuple[str, str]:
        return quote.status, quote.get_status_display()

    @display(description=_lazy("car"))
    def car(self, quote: Quote) -> str:
        return f"{quote.trim.vehicle_model} · {quote.trim}"

    @display(description=_lazy("VIN"))
    def vin(self, quote: Quote) -> str:
        return quote.stock_unit.vin

    @display(description=_lazy("contract price"), ordering="contract_total")
    def total(self, quote: Quote) -> str:
        return format_money(quote.contract_total, currency=quote.currency)

    @display(description=_lazy("discount"))
    def off(self, quote: Quote) -> str:
        return format_money(quote.discount, currency=quote.currency)

    @display(description=_lazy("for the buyer's old car"))
    def old_car(self, quote: Quote) -> str:
        return format_money(quote.trade_in_value, currency=quote.currency)

    @display(description=_lazy("buyer"))
    def buyer_short(self, quote: Quote) -> str:
        return f"{quote.buyer.name} {quote.buyer.masked_phone}" if quote.buyer else "-"

    @display(description=_lazy("valid until"), ordering="valid_until")
    def until(self, quote: Quote) -> str:
        """In the dealership's own time."""
        return f"{quote.valid_until.astimezone(quote.dealership.zone):%Y-%m-%d %H:%M}"
