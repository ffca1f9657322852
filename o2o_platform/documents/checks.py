"""What must never be true of issued papers."""

from django.db.models import Count, Max

from .models import Counter, Document


def count_gaps() -> int:
    """Series whose papers are not numbered 1 to the last number given."""
    series = (
        Document.objects.order_by().values("seller_id", "kind", "year").annotate(n=Count("pk"), top=Max("position"))
    )
    found = {(row["seller_id"], row["kind"], row["year"]): (row["n"], row["top"]) for row in series}
    counters = Counter.objects.filter(last__gt=0).values_list("seller_id", "kind", "year", "last")
    return sum(found.get(tuple(key), (0, 0)) != (last, last) for *key, last in counters)


def count_changed() -> int:
    """Papers that no longer say what they said when they were issued."""
    return sum(not document.is_unchanged for document in Document.objects.only("number", "body", "digest").iterator())
