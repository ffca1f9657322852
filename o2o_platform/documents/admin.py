"""Papers to read and print, and the sellers they name."""

from __future__ import annotations

import re
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from o2o_platform.interface.access import EVERYONE
from o2o_platform.interface.scoping import PlatformAdmin, ScopedAdmin, UncountedPaginator
from o2o_platform.interface.searching import IndexedSearchMixin, by_phone

from .models import Document, Seller
from .papers import Paper
from .views import RELATED, answer_pdf

NUMBER = re.compile(r"[0-9A-Za-z-]{2,60}")


def by_paper_number(word: str) -> models.Q | None:
    """Its number, whole or its beginning."""
    return models.Q(number__startswith=word.upper()) if NUMBER.fullmatch(word) else None


@admin.register(Document)
class DocumentAdmin(IndexedSearchMixin, ScopedAdmin):
    """A dealership sees the papers of its own sales, and those of cars it hands over for the maker."""

    viewers = EVERYONE
    is_frozen = True
    list_display = ("number", "kind", "seller", "buyer", "sum", "issued_at", "paper")
    list_filter = ("kind", "year", "seller", "dealership")
    typed_filters = frozenset({"seller"})
    list_select_related = ("seller", "owner")
    search_fields = ("number",)
    search_help_text = _("Number, or the end of the phone number")
    ways = (by_paper_number, by_phone("owner"))
    ordering = ("-id",)
    paginator = UncountedPaginator
    fields = ("number", "kind", "seller", "buyer", "dealership", "sum", "corrects", "language", "issued_at", "paper")
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> models.QuerySet:
        return super().get_queryset(request).select_related(*RELATED, "owner", "dealership")

    def get_urls(self) -> list[URLPattern]:
        pdf = path("<int:object_id>/pdf/", self.admin_site.admin_view(self.pdf_view), name="documents_document_pdf")
        return [pdf, *super().get_urls()]

    def pdf_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """The paper as its buyer has it."""
        if request.method not in ("GET", "HEAD") or not self.has_view_permission(request):
            raise PermissionDenied
        document = self.get_object(request, str(object_id)) if object_id < 2**63 else None
        if document is None:
            raise Http404
        return answer_pdf(document)

    @display(description=_("buyer"))
    def buyer(self, document: Document) -> str:
        return Paper.from_json(document.body).buyer_name

    @display(description=_("amount"))
    def sum(self, document: Document) -> str:
        return str(document.body.get("summary", ""))

    @display(description=_("paper"))
    def paper(self, document: Document) -> SafeString:
        address = reverse("admin:documents_document_pdf", args=[document.pk])
        return format_html('<a class="desk-link" href="{}">PDF</a>', address)


@admin.register(Seller)
class SellerAdmin(PlatformAdmin):
    """Companies as they stand on papers to come; papers that were issued keep what they say."""

    list_display = ("name", "code", "market", "brand", "tax_number")
    list_filter = ("market", "brand")
    list_select_related = ("market", "brand")
    search_fields = ("code", "name")
    fields = ("code", "market", "brand", "name", "address", "registration_number", "tax_number")

    def get_readonly_fields(self, request: HttpRequest, obj: Seller | None = None) -> tuple[str, ...]:
        """The code is part of numbers given."""
        return () if obj is None else ("code", "market", "brand")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
