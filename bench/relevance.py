"""Whether the search box finds what was meant: the queries of `tests/catalog/relevance.csv` on the demonstration."""

from __future__ import annotations

from bench.world import figure


def measure() -> list[dict]:
    """Precision of the first result and of the first three."""
    from tests.catalog.judging import judge, read_queries

    verdicts = [judge(query) for query in read_queries()]
    first = sum(verdict.is_first_right for verdict in verdicts) / len(verdicts)
    three = sum(verdict.share for verdict in verdicts) / len(verdicts)
    return [
        figure("search_precision_at_1", first, at_least=0.95),
        figure("search_precision_at_3", three, at_least=0.9),
    ]
