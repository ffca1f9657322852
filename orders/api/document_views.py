"""Papers of sales as JSON and PDF: a buyer's own, and those of a key's dealership."""

from __future__ import annotations

from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, viewsets
from rest_framework.decorators import action
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request

from dealers.api.systems import DealerSide
from dealers.models import DealerKey
from o2o_platform.documents.models import Document
from o2o_platform.documents.views import RELATED, answer_pdf
from o2o_platform.interface.pagination import Page

from ..models import Order

PDF = {(200, "application/pdf"): OpenApiTypes.BINARY}


class PdfRenderer(BaseRenderer):
    """What is accepted; the view writes the PDF itself."""

    media_type = "application/pdf"
    format = "pdf"
    render_style = "binary"

    def render(self, data: Any, *args: Any, **kwargs: Any) -> bytes:
        return JSONRenderer().render(data)


class DocumentSerializer(serializers.ModelSerializer):
    """`sum` as the paper writes it, in its own language; a corrected paper names its correction."""

    seller = serializers.CharField(source="seller.name")
    order = serializers.CharField(source="order_reference")
    sum = serializers.SerializerMethodField()
    corrects = serializers.CharField(source="corrects.number", default=None, allow_null=True)
    corrected_by = serializers.CharField(source="correction.number", default=None, allow_null=True)

    class Meta:
        model = Document
        fields = ["number", "kind", "seller", "order", "language", "sum", "corrects", "corrected_by", "issued_at"]

    def get_sum(self, document: Document) -> str:
        return str(document.body.get("summary", ""))


class DocumentViewSet(viewsets.ReadOnlyModelViewSet):
    """Contracts, receipts, invoices, protocols and credit notes of the signed-in buyer."""

    serializer_class = DocumentSerializer
    pagination_class = Page
    lookup_field = "number"
    queryset = Document.objects.none()

    def get_queryset(self) -> QuerySet[Document]:
        return papers_of_orders().filter(owner=self.request.user.pk)

    @extend_schema(responses=PDF)
    @action(detail=True, methods=["get"], renderer_classes=[PdfRenderer, JSONRenderer])
    def pdf(self, request: Request, number: str) -> HttpResponse:
        """The paper itself."""
        return answer_pdf(self.get_object())


class DealerDocumentViewSet(DealerSide, DocumentViewSet):
    """Papers of the sales of the key's dealership, and of cars it hands over for the maker."""

    scopes = (DealerKey.Scope.ORDERS,)

    def get_queryset(self) -> QuerySet[Document]:
        return papers_of_orders().filter(dealership=self.dealership)


def papers_of_orders() -> QuerySet[Document]:
    """Each with the reference of its order, read from the order's row."""
    order = Order.objects.filter(pk=OuterRef("subject_id")).values("reference")[:1]
    papers = Document.objects.filter(subject_type=Order._meta.label_lower).select_related(*RELATED)
    return papers.annotate(order_reference=Subquery(order))
