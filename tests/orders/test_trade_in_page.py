"""The trade-in pages: nothing typed is lost, nothing is half-written, and photographs stay private."""

import io
from pathlib import Path

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from orders.models import TradeIn, TradeInPhoto
from tests import factories

pytestmark = pytest.mark.django_db
URL = "/trade-in/"
GOOD_VIN = "1M8GDM9AXKP042788"
ODD_VIN = "WVWZZZ1KZAW000001"


@pytest.fixture(autouse=True)
def private(settings, tmp_path) -> Path:
    cache.clear()
    settings.STORAGES = settings.STORAGES | {
        "private": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": str(tmp_path)}}
    }
    return tmp_path


@pytest.fixture
def place():
    return factories.make_dealership()


@pytest.fixture
def buyer(client):
    buyer = factories.make_buyer()
    client.force_login(buyer)
    client.cookies["django_language"] = "en"
    return buyer


def typed(place, **fields):
    return {
        "vin": GOOD_VIN,
        "car": "Golf 1.4 TSI",
        "first_registered_on": "2018-05-01",
        "mileage_km": "84000",
        "condition": "Small dent, left door",
        "dealership": place.code,
    } | fields


def picture(
    name: str = "car.jpg", colour: str = "red", size: tuple[int, int] = (1200, 900), **save
) -> SimpleUploadedFile:
    out = io.BytesIO()
    Image.new("RGB", size, colour).save(out, "JPEG", **save)
    return SimpleUploadedFile(name, out.getvalue(), content_type="image/jpeg")


def files_in(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


@pytest.mark.parametrize("language", ["en", "zh-hans", "de", "pl"])
def test_the_page_is_there_for_everybody(client, place, language):
    client.cookies["django_language"] = language
    page = client.get(URL)
    assert page.status_code == 200
    assert place.label in page.content.decode() or place.name_local in page.content.decode()
    assert "sessionid" not in client.cookies


def test_signing_in_keeps_what_was_typed(client, place):
    away = client.post(URL, typed(place))
    assert away.url == "/accounts/login/?next=/trade-in/"
    client.force_login(factories.make_buyer())
    text = client.get(URL).content.decode()
    for value in (GOOD_VIN, "Golf 1.4 TSI", "2018-05-01", "84000", "Small dent, left door"):
        assert value in text
    assert 'type="file"' in text
    assert not TradeIn.objects.exists()


def test_a_request_goes_to_the_dealership_chosen(client, buyer, place):
    factories.make_dealership()
    made = client.post(URL, typed(place))
    trade_in = TradeIn.objects.get()
    assert (made.status_code, made.url) == (303, f"/trade-in/{trade_in.reference}/")
    assert (trade_in.dealership, trade_in.buyer, trade_in.vin) == (place, buyer, GOOD_VIN)
    page = client.get(made.url).content.decode()
    assert "Golf 1.4 TSI" in page
    assert "84,000" in page
    assert trade_in.reference in client.get("/garage/").content.decode()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("vin", "123"),
        ("vin", "1M8GDM9A1KP042788"),  # wrong check digit: China requires it
        ("vin", "IOQ" * 10_000),
        ("car", ""),
        ("car", "x" * 121),
        ("first_registered_on", "2999-01-01"),
        ("first_registered_on", "1850-01-01"),
        ("first_registered_on", "soon"),
        ("mileage_km", "-1"),
        ("mileage_km", "99999999999999999999"),
        ("mileage_km", "many"),
        ("condition", "x" * 2001),
        ("dealership", "nowhere"),
        ("dealership", ""),
    ],
)
def test_what_is_wrong_is_said_beside_the_field_and_the_rest_is_kept(client, buyer, place, field, value):
    page = client.post(URL, typed(place, **{field: value}))
    assert page.status_code == 422
    assert page.context["form"].errors.keys() == {field}
    other = "vin" if field != "vin" else "car"
    assert typed(place)[other] in page.content.decode()
    assert not TradeIn.objects.exists()


def test_a_vin_is_read_as_people_write_it(client, buyer, place):
    client.post(URL, typed(place, vin=" 1m8 gdm9axkp04-2788 "))
    assert TradeIn.objects.get().vin == GOOD_VIN


def test_in_europe_an_odd_check_digit_is_a_warning(client, buyer):
    market = factories.make_market("DE")
    market.is_open = True
    market.save()
    city = factories.make_city("berlin", name="Berlin", name_local="Berlin", market=market)
    place = factories.make_dealership(market=market, city=city)
    client.cookies["city"] = "berlin"
    made = client.post(URL, typed(place, vin=ODD_VIN))
    assert made.status_code == 303
    assert TradeIn.objects.get().has_odd_vin
    assert "check digit" in client.get(made.url).content.decode()


def test_photographs_are_written_anew_without_their_places(client, buyer, place, private):
    exif = Image.Exif()
    exif[0x010E] = "secret garage"
    exif.get_ifd(0x8825)[1] = "N"
    client.post(URL, typed(place, photos=[picture(exif=exif), picture("b.jpg", "blue")]))
    rows = list(TradeInPhoto.objects.all())
    assert [row.position for row in rows] == [0, 1]
    assert len(files_in(private)) == 4
    for path in private.rglob("*.webp"):
        assert b"secret" not in path.read_bytes()
        with Image.open(path) as image:
            assert not image.getexif()


def test_photographs_are_the_buyers_and_the_dealerships_alone(client, buyer, place):
    client.post(URL, typed(place, photos=[picture()]))
    address = f"/trade-in/{TradeIn.objects.get().reference}/photos/0.webp"
    for query in ("", "?small"):
        shown = client.get(address + query)
        assert shown["Content-Type"] == "image/webp"
        assert "private" in shown["Cache-Control"]
        assert shown["X-Content-Type-Options"] == "nosniff"
        assert shown.content[8:12] == b"WEBP"
    assert Client().get(address).status_code == 404
    for person, status in (
        (factories.make_buyer(), 404),
        (factories.make_member(factories.make_dealership()), 404),
        (factories.make_member(place), 200),
    ):
        other = Client()
        other.force_login(person)
        assert other.get(address).status_code == status
    assert client.get(address.replace("/0.", "/1.")).status_code == 404


@pytest.mark.parametrize(
    "photos",
    [
        lambda: [picture(f"{n}.jpg") for n in range(9)],
        lambda: [picture(), SimpleUploadedFile("car.jpg", b"<svg onload=alert(1)>", content_type="image/jpeg")],
        lambda: [SimpleUploadedFile("car.jpg", b"\xff\xd8\xff" + b"0" * 13_000_000, content_type="image/jpeg")],
        lambda: [SimpleUploadedFile("<b>.png", b"\x89PNG\r\n\x1a\n", content_type="image/png")],
        lambda: [SimpleUploadedFile(f"{n}.jpg", b"\xff\xd8\xff" + b"0" * 9_000_000) for n in range(3)],
    ],
)
def test_photographs_that_cannot_be_taken_are_refused_whole(client, buyer, place, private, photos):
    page = client.post(URL, typed(place, photos=photos()))
    assert page.status_code == 422
    assert page.context["form"].errors.keys() == {"photos"}
    assert "Small dent" in page.content.decode()
    assert "<b>" not in page.content.decode()
    assert not TradeIn.objects.exists()
    assert files_in(private) == []


def test_a_request_that_is_not_written_leaves_no_file(client, buyer, place, private):
    client.post(URL, typed(place, photos=[picture()]))
    before = files_in(private)
    again = client.post(URL, typed(place, photos=[picture(colour="green")]))
    assert again.url == f"/trade-in/{TradeIn.objects.get().reference}/"
    assert files_in(private) == before
    for _each in range(4):
        factories.make_trade_in(buyer=buyer)
    refused = client.post(URL, typed(place, vin=factories.make_vin(), photos=[picture()]))
    assert refused.status_code == 409
    assert "Withdraw one first" in refused.content.decode()
    assert files_in(private) == before


def test_asking_over_and_over_is_slowed_down(client, buyer, place):
    answers = [client.post(URL, typed(place, vin="bad")).status_code for _each in range(11)]
    assert answers == [422] * 10 + [429]


def test_withdrawing_is_the_buyers_alone(client, buyer, place):
    trade_in = factories.make_trade_in(place, buyer)
    address = f"/trade-in/{trade_in.reference}/withdraw/"
    stranger = Client()
    stranger.force_login(factories.make_buyer())
    assert stranger.post(address).status_code == 404
    assert stranger.get(f"/trade-in/{trade_in.reference}/").status_code == 404
    assert client.get(address).status_code == 405
    assert client.post(address, follow=True).status_code == 200
    trade_in.refresh_from_db()
    assert trade_in.status == "withdrawn"
    assert "no longer possible" not in client.post(address, follow=True).content.decode()


def test_the_nearest_dealership_is_offered_first(client, buyer):
    far = factories.make_dealership(latitude=23.1, longitude=113.3)
    near = factories.make_dealership(latitude=38.87, longitude=115.46)
    client.cookies["city"] = "baoding"
    form = client.get(URL).context["form"]
    assert [code for code, _label in form.fields["dealership"].choices] == ["", near.code, far.code]
    assert form["dealership"].value() == near.code
    assert client.get(URL, {"dealership": far.code}).context["form"]["dealership"].value() == far.code


def test_without_a_city_nobody_is_chosen_unasked(client, buyer, place):
    assert client.get(URL).context["form"]["dealership"].value() == ""


@pytest.mark.parametrize("query", ["?dealership=%ED%A0%80", "?dealership=" + "x" * 5000])
def test_odd_addresses_are_no_failure(client, buyer, place, query):
    assert client.get(URL + query).status_code in (200, 400)


def test_without_a_dealership_the_page_says_so(client, buyer):
    assert "No dealership here" in client.get(URL).content.decode()
    assert client.post(URL, {"vin": GOOD_VIN}).status_code == 422
