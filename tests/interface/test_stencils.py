"""Templates cut into text and gaps."""

import pytest
from django.test import override_settings
from django.utils import translation
from django.utils.safestring import SafeString

from o2o_platform.interface.stencils import Stencil, stencil

OPTION = "catalog/_facet_option.html"
GAPS = ("name", "value", "label", "count", "state", "barred", "kind")
VALUES = {"name": "brand", "value": "a&b", "label": "<b>", "state": "", "barred": "", "kind": "checkbox"}


def test_values_are_escaped_and_safe_ones_are_not() -> None:
    filled = stencil(OPTION, *GAPS).fill(VALUES | {"count": 3, "state": SafeString(" checked")})
    assert "&lt;b&gt;" in filled
    assert 'value="a&amp;b"' in filled
    assert 'value="a&amp;b" checked>' in filled
    assert isinstance(filled, SafeString)


def test_what_is_kept_and_what_is_filled_later_make_the_same() -> None:
    kept = stencil(OPTION, *GAPS).keep(VALUES)
    assert kept.fill({"count": 7}) == stencil(OPTION, *GAPS).fill(VALUES | {"count": 7})
    with pytest.raises(ValueError, match="gaps"):
        kept.around("state")


def test_a_mark_in_a_value_is_only_text() -> None:
    first, second = Stencil.cut(OPTION, GAPS), Stencil.cut(OPTION, GAPS)
    hostile = "\ue0f0count\ue0f1"
    assert hostile in first.fill(VALUES | {"count": 1, "label": hostile})
    assert "1" in second.keep(VALUES | {"label": hostile}).fill({"count": 1})


def test_each_language_has_its_own() -> None:
    with translation.override("en"):
        english = stencil("catalog/_facet_price.html", "currency", "price_from", "price_to")
    with translation.override("zh-hans"):
        chinese = stencil("catalog/_facet_price.html", "currency", "price_from", "price_to")
    assert english is not chinese


@override_settings(DEBUG=True)
def test_templates_are_read_anew_while_debugging() -> None:
    assert stencil(OPTION, *GAPS) is not stencil(OPTION, *GAPS)


@pytest.mark.django_db
def test_a_frame_is_never_shared_between_kinds_of_visitors(client, django_user_model) -> None:
    anonymous = client.get("/cars/", headers={"accept-language": "en"}).content.decode()
    user = django_user_model.objects.create(email="wang@example.com")
    client.force_login(user)
    signed_in = client.get("/cars/", headers={"accept-language": "en"}).content.decode()
    assert "Sign in" in anonymous
    assert "Sign out" not in anonymous
    assert "Sign out" in signed_in
    again = client.get("/cars/?seats=5", headers={"accept-language": "en"}).content.decode()
    tokens = [page.split('name="csrfmiddlewaretoken" value="')[1][:64] for page in (signed_in, again)]
    assert tokens[0] != tokens[1]
