"""A paper for its owner, and the page that says whether a paper is real."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from .models import Document
from .papers import Paper

RELATED = ("seller__market", "corrects", "correction")


@login_required
@never_cache
@require_safe
def show_document(request: HttpRequest, number: str) -> HttpResponse:
    """The owner's own paper as PDF; other people's do not exist."""
    own = Document.objects.filter(owner=request.user.pk).select_related(*RELATED)
    return answer_pdf(get_object_or_404(own, number=number))


@never_cache
@require_safe
def check_document(request: HttpRequest, code: str) -> HttpResponse:
    """For whoever holds the paper: number, seller, day and sum, as issued; nothing about the buyer."""
    document = get_object_or_404(Document.objects.select_related(*RELATED), check_code=code)
    context = {"document": document, "paper": Paper.from_json(document.body)}
    return render(request, "documents/check.html", context)


def answer_pdf(document: Document) -> HttpResponse:
    """The paper, drawn: its libraries take memory that most web processes never need, so they are loaded here."""
    from .pdf import draw_pdf

    answer = HttpResponse(draw_pdf(document), content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="{document.number}.pdf"'
    answer["X-Robots-Tag"] = "noindex"
    return answer
