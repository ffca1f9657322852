"""What counts as news of a saved search."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from catalog.news import LONGEST_ANSWER, Memory, find_news, remember

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def answer(**prices):
    pairs = [(int(name.removeprefix("t")), Decimal(price)) for name, price in prices.items()]
    return sorted(pairs, key=lambda pair: pair[1])


def test_nothing_changed_is_no_news():
    same = answer(t1=100, t2=200)
    assert not find_news(Memory(remember(same)), same, at=NOW)


def test_a_new_match_appears_and_a_lower_price_falls():
    news = find_news(Memory(remember(answer(t1=100, t2=200))), answer(t1=100, t2=190, t3=300), at=NOW)
    assert news.appeared == (3,)
    assert [(fall.trim_id, fall.was, fall.now) for fall in news.fallen] == [(2, 200, 190)]


def test_a_dearer_car_is_no_news_but_is_remembered():
    news = find_news(Memory(remember(answer(t1=100))), answer(t1=120), at=NOW)
    assert not news
    assert news.waiting.seen == {"1": "120"}


def test_news_that_waits_is_found_again():
    memory = find_news(Memory(remember(answer(t1=100))), answer(t1=90, t2=50), at=NOW).waiting
    news = find_news(memory, answer(t1=90, t2=50), at=NOW + HOUR)
    assert (news.appeared, news.fallen[0].was) == ((2,), 100)
    assert not find_news(news.told, answer(t1=90, t2=50), at=NOW + HOUR)


def test_a_match_back_within_a_day_was_never_away_and_after_a_day_appears_again():
    memory = find_news(Memory(remember(answer(t1=100, t2=200))), answer(t1=100), at=NOW).waiting
    assert not find_news(memory, answer(t1=100, t2=200), at=NOW + 23 * HOUR)
    later = find_news(memory, answer(t1=100), at=NOW + 23 * HOUR).waiting
    assert find_news(later, answer(t1=100, t2=200), at=NOW + 24 * HOUR).appeared == (2,)


def test_a_match_back_cheaper_within_a_day_fell():
    memory = find_news(Memory(remember(answer(t1=100))), [], at=NOW).waiting
    assert find_news(memory, answer(t1=80), at=NOW + HOUR).fallen[0].was == 100


def test_past_the_end_of_a_cut_answer_nothing_is_news():
    full = [(pk, Decimal(100 + pk)) for pk in range(LONGEST_ANSWER)]
    moved = [*full[1:], (9_999, Decimal(10_000))]
    assert not find_news(Memory(remember(full)), moved, at=NOW)
    cheaper = [(9_998, Decimal(50)), *full[:-1]]
    news = find_news(Memory(remember(full)), cheaper, at=NOW)
    assert news.appeared == (9_998,)
    assert not news.told.gone


prices = st.dictionaries(st.integers(1, 20), st.integers(1, 50).map(Decimal), max_size=12)


@given(before=prices, after=prices)
def test_what_was_told_is_never_told_twice(before, after):
    news = find_news(Memory(remember(before.items())), after.items(), at=NOW)
    assert not find_news(news.told, after.items(), at=NOW + HOUR)
    assert set(news.appeared) == set(after) - set(before)
