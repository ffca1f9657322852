"""A shop of one brand: its own frame and words, and nothing of the marketplace around it."""

import pytest
from django.core.cache import cache

from catalog.models import StoreModel
from catalog.services.terms import refresh_terms
from orders.models import Order
from tests.factories import make_buyer, make_order
from tests.orders.pages import fill_reserve
from tests.stores.shops import make_car, make_store, make_terms_of

pytestmark = pytest.mark.django_db
ENGLISH = {"accept-language": "en"}


@pytest.fixture(autouse=True)
def _empty_cache():
    cache.clear()


@pytest.fixture
def ours():
    return make_car("Haval", "H2")


@pytest.fixture
def theirs():
    return make_car("Geely", "Emgrand")


@pytest.fixture
def store(ours, theirs):
    make_terms_of(None, "1", market=ours.market)
    return make_store(ours, title={"en": "Made for every road"}, lead={"en": "The official shop."})


def read(client, path: str, **more: object) -> str:
    answer = client.get(path, headers=ENGLISH, **more)
    assert answer.status_code == 200, (path, answer.status_code)
    return answer.content.decode()


def paths_of(unit) -> list[str]:
    model, trim = unit.trim.vehicle_model, unit.trim
    return [
        "/",
        "/cars/",
        "/cars/?brand=geely",
        f"/cars/{model.slug}/",
        f"/cars/{model.slug}/{trim.code}/",
        f"/compare/?trim={trim.code}&trim=geely-emgrand-elite",
        "/dealerships/",
        f"/reserve/?unit={unit.pk}",
        f"/interest/?trim={trim.code}",
    ]


@pytest.mark.parametrize("place", range(9))
def test_every_page_is_the_brands_alone(client, store, ours, place):
    page = read(client, f"/stores/haval{paths_of(ours)[place]}")
    assert "Haval" in page
    assert "shop-header" in page
    for word in ("Geely", "Emgrand", "Yujian", "驭见"):
        assert word not in page.replace("brand=geely", "").replace("geely-emgrand-elite", ""), word


@pytest.mark.parametrize("place", range(9))
def test_links_stay_in_the_shop(client, store, ours, place):
    page = read(client, f"/stores/haval{paths_of(ours)[place]}")
    for start in ("/cars/", "/reserve/", "/compare/", "/dealerships/", "/garage/", "/accounts/", "/city/", '/"'):
        for attribute in ("href", "action", "hx-get", "data-suggest"):
            assert f'{attribute}="{start}' not in page, (attribute, start)


def test_the_front_page_speaks_in_the_shops_words(client, store):
    page = read(client, "/stores/haval/")
    assert "Made for every road" in page
    assert "The official shop." in page


def test_without_words_in_the_readers_language_english_stands_in(client, store):
    page = client.get("/stores/haval/", headers={"accept-language": "zh-hans"}).content.decode()
    assert "Made for every road" in page


def test_models_put_forward_come_in_their_order(client, store, ours):
    second = make_car_of(ours, "H9")
    for position, unit in enumerate((second, ours)):
        model = unit.trim.vehicle_model
        StoreModel.objects.create(store=store, vehicle_model=model, shelf="top", position=position)
    page = read(client, "/stores/haval/")
    shelf = page[page.index("Most wanted") :]
    assert shelf.index("Haval H9") < shelf.index("Haval H2")


def make_car_of(unit, name: str):
    from tests.factories import make_trim, make_unit

    model = unit.trim.vehicle_model
    other = type(model).objects.create(brand=model.brand, name=name, slug=f"haval-{name.lower()}", body_type="suv")
    return make_unit(make_trim(other), unit.dealership)


def test_other_brands_are_not_there(client, store, theirs):
    model, trim = theirs.trim.vehicle_model, theirs.trim
    for path in (
        f"/cars/{model.slug}/",
        f"/cars/{model.slug}/{trim.code}/",
        f"/cars/{model.slug}/{trim.code}/finance/",
        f"/reserve/?unit={theirs.pk}",
        f"/interest/?trim={trim.code}",
    ):
        assert client.get(path, headers=ENGLISH).status_code == 200, path
        assert client.get(f"/stores/haval{path}", headers=ENGLISH).status_code == 404, path


def test_search_and_suggestions_know_the_brand_alone(client, store):
    refresh_terms()
    assert "Emgrand" in read(client, "/cars/?q=emgrand")
    assert "Haval H2" in read(client, "/stores/haval/cars/?q=h2")
    assert "Emgrand" not in read(client, "/stores/haval/cars/?q=emgrand").replace("“emgrand”", "")
    assert "Geely" not in read(client, "/stores/haval/cars/suggest/?q=geely")


def test_the_list_has_no_choice_of_brands(client, store):
    assert 'name="brand"' in read(client, "/cars/")
    assert 'name="brand"' not in read(client, "/stores/haval/cars/")


def test_a_visit_to_a_shop_leaves_no_trace_on_the_marketplace(client, store):
    before = read(client, "/cars/")
    for path in ("/stores/haval/", "/stores/haval/cars/"):
        read(client, path)
    after = read(client, "/cars/")
    assert "/stores/" not in after
    assert "Geely Emgrand" in after
    assert before.count("car-card") == after.count("car-card")
    assert "shop-header" not in read(client, "/")


def test_an_order_is_placed_and_read_in_the_shop(client, store, ours):
    buyer = make_buyer()
    client.force_login(buyer)
    client.cookies["django_language"] = "en"
    own = make_terms_of(ours.trim.vehicle_model.brand, "haval-1", market=ours.market)
    page = client.get("/stores/haval/reserve/", {"unit": ours.pk}).content.decode()
    assert "Terms, version haval-1" in page
    form = fill_reserve(client, {"unit": ours.pk})
    answer = client.post("/stores/haval/reserve/", form)
    order = Order.objects.get()
    assert answer.status_code == 303
    assert answer.url == f"/stores/haval/pay/{order.reference}/"
    assert order.terms == own
    assert client.get(answer.url).status_code == 200
    assert "shop-header" in client.get(f"/stores/haval/orders/{order.reference}/").content.decode()


def test_orders_of_other_brands_stay_on_the_marketplace(client, store, theirs):
    buyer = make_buyer()
    client.force_login(buyer)
    order = make_order(theirs, buyer)
    assert client.get(f"/orders/{order.reference}/").status_code == 200
    assert client.get(f"/stores/haval/orders/{order.reference}/").status_code == 404
    assert order.reference not in client.get("/stores/haval/garage/").content.decode()


def test_terms_of_a_brand_are_its_own(store, ours, theirs):
    own = make_terms_of(ours.trim.vehicle_model.brand, "own-1", market=ours.market)
    assert make_order(ours, terms_id=own.pk).terms == own
    assert make_order(theirs).terms.brand is None


def test_signing_in_leads_back_into_the_shop(client, store, ours):
    away = client.get(f"/stores/haval/reserve/?unit={ours.pk}&sign-in=1")
    assert away.url.startswith("/stores/haval/accounts/login/?next=/stores/haval/reserve/")


@pytest.mark.parametrize("path", ["", "/cars"])
def test_a_missing_slash_is_added(client, store, path):
    answer = client.get(f"/stores/haval{path}")
    assert answer.status_code in (301, 302)
    assert answer.url == f"/stores/haval{path}/"


@pytest.mark.parametrize(
    "path",
    ["/stores/nope/", "/stores/haval/nope/", "/stores/haval//evil.example/", "/stores/haval/healthz", "/stores/"],
)
def test_what_is_not_there_is_not_found(client, store, path):
    assert client.get(path).status_code == 404


def test_the_desk_is_outside(client, store, settings):
    answer = client.get("/stores/haval/admin/orders/order/?q=1")
    assert (answer.status_code, answer.url) == (302, f"{settings.SITE_URL}/admin/orders/order/?q=1")
    assert client.post("/stores/haval/admin/login/").status_code == 404
    assert client.get("/stores/haval/admin//evil.example/").url.startswith(settings.SITE_URL)


def test_an_unpublished_shop_is_not_there(client, store):
    type(store).objects.update(is_published=False)
    assert client.get("/stores/haval/").status_code == 404


def test_outside_a_shop_nothing_is_asked_about_shops(client, store):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    for path in ("/", "/cars/", "/cars/haval-h2/", "/cars/haval-h2/haval-h2-elite/"):
        with CaptureQueriesContext(connection) as queries:
            client.get(path)
        asked = " ".join(query["sql"] for query in queries.captured_queries)
        assert "catalog_brandstore" not in asked, path
        assert asked.count("catalog_cityrelease") <= asked.count("markets_city"), path
