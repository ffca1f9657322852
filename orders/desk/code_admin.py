"""Showroom codes at the desk: how often each is scanned, and the sheets to print."""

from __future__ import annotations

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from unfold.decorators import display

from o2o_platform.interface.access import DEALERSHIP_PARTS, EVERYONE, Access
from o2o_platform.interface.scoping import ScopedAdmin, UncountedPaginator
from o2o_platform.interface.searching import IndexedSearchMixin, by_exact, by_vin
from o2o_platform.interface.verbs import VerbAdminMixin

from ..codes import qr_data_uri
from ..models import ShowroomCode
from .codes import CODE_VERBS, SheetForm, with_relations
from .paper import as_png
from .sheets import code_address, lay_out, print_sheets


@admin.register(ShowroomCode)
class ShowroomCodeAdmin(VerbAdminMixin, IndexedSearchMixin, ScopedAdmin):
    """The own dealership's codes; printing a sheet makes them, nobody edits them."""

    viewers = EVERYONE
    printers = DEALERSHIP_PARTS
    is_frozen = True
    verbs = CODE_VERBS
    verb_relations = ("dealership", "advisor", "stock_unit")
    list_before_template = "desk/code_link.html"
    change_form_after_template = "desk/code_facts.html"
    list_display = ("code", "kind", "names", "dealership", "is_active", "scans")
    list_filter = ("kind", "is_active", "dealership")
    list_select_related = ("dealership", "advisor", "stock_unit__trim__vehicle_model")
    search_fields = ("code",)
    ways = (by_exact("code"), by_vin("stock_unit"))
    search_help_text = _lazy("Code, or the end of the VIN")
    ordering = ("-id",)
    paginator = UncountedPaginator
    fields = (("code", "kind"), ("names", "dealership"), ("is_active", "scans"), "created_at")
    readonly_fields = ("code", "kind", "names", "dealership", "is_active", "scans", "created_at")

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("sheets/", view(self.sheets_view), name="orders_showroomcode_sheets"),
            path("<int:code_id>/sheet.<str:form>", view(self.sheet_view), name="orders_showroomcode_sheet"),
            *super().get_urls(),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: dict | None = None) -> HttpResponse:
        extra = {"may_print": Access.of(request).plays(self.printers)} | (extra_context or {})
        return super().changelist_view(request, extra)

    def render_change_form(self, request: HttpRequest, context: dict, *args: object, **kwargs: object) -> HttpResponse:
        if isinstance(code := kwargs.get("obj"), ShowroomCode):
            context |= {"code": code, "address": code_address(code), "qr": qr_data_uri(code_address(code))}
        return super().render_change_form(request, context, *args, **kwargs)

    def sheets_view(self, request: HttpRequest) -> HttpResponse:
        """Choose what to print; the answer is a PDF."""
        access = Access.of(request)
        if not access.plays(self.printers):
            raise PermissionDenied
        form = SheetForm(
            request.POST if request.method == "POST" else None,
            places=access.places(self.printers),
            initial={"what": SheetForm.What.CARS, "vin": request.GET.get("vin", "")[:17]},
        )
        if request.method == "POST" and form.is_valid():
            if codes := form.codes(request.user):  # type: ignore[arg-type]
                return _file(print_sheets(codes), "application/pdf", "showroom-codes.pdf")
            form.add_error(None, _("There is nothing to print: no car or person of yours fits."))
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Print codes"),
            "form": form,
        }
        return TemplateResponse(request, "desk/codes.html", context, status=422 if form.is_bound else 200)

    def sheet_view(self, request: HttpRequest, code_id: int, form: str) -> HttpResponse:
        """The sheet of one code, as `sheet.pdf` or `sheet.png`."""
        code = self.get_queryset(request).filter(pk=code_id).first() if code_id < 2**63 else None
        if code is None or form not in ("pdf", "png"):
            raise Http404
        (whole,) = with_relations([code])
        if form == "pdf":
            return _file(print_sheets([whole]), "application/pdf", f"{code}.pdf")
        return _file(as_png(lay_out(whole)), "image/png", f"{code}.png")

    @display(description=_lazy("stands for"))
    def names(self, code: ShowroomCode) -> str:
        """The car, the advisor, or both."""
        unit = code.stock_unit
        car = f"{unit.trim.vehicle_model} · {unit.vin}" if unit else ""
        return " · ".join(filter(None, (car, code.advisor.name if code.advisor else ""))) or "-"


def _file(content: bytes, kind: str, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type=kind)
    response["Content-Disposition"] = f'inline; filename="{name}"'
    response["Cache-Control"] = "no-store"
    return response
