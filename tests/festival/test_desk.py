"""Staff write campaigns with quotas and steps; what is taken stays taken."""

from decimal import Decimal

import pytest
from django.test import Client

from catalog.models import Campaign, CampaignQuota
from catalog.services.campaigns import change_quota, drop_quota, redraw_quota
from tests.factories import make_city, make_order, make_staff, make_unit
from tests.festival.builders import make_campaign, make_quota

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk() -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(make_staff())
    return client


def url(campaign: Campaign) -> str:
    return f"/admin/catalog/campaign/{campaign.pk}/change/"


def form_of(campaign: Campaign, **fields) -> dict:
    """What the page would send back unchanged, and some fields changed."""
    quotas, steps = list(campaign.quotas.order_by("pk")), list(campaign.steps.order_by("places"))
    data = {
        "name": campaign.name,
        "name_zh": campaign.name_zh,
        "slug": campaign.slug,
        "market": campaign.market_id,
        "starts_at_0": f"{campaign.starts_at:%Y-%m-%d}",
        "starts_at_1": f"{campaign.starts_at:%H:%M:%S}",
        "ends_at_0": f"{campaign.ends_at:%Y-%m-%d}",
        "ends_at_1": "23:59:59",
        "discount": "5000",
        "limit_per_person": "1",
        "story": '{"en": "Words"}',
        "trims": [trim.pk for trim in campaign.trims.all()],
        "is_published": "on",
        "quotas-TOTAL_FORMS": len(quotas),
        "quotas-INITIAL_FORMS": len(quotas),
        "steps-TOTAL_FORMS": len(steps),
        "steps-INITIAL_FORMS": len(steps),
    }
    for number, quota in enumerate(quotas):
        row = {"id": quota.pk, "campaign": campaign.pk, "total": quota.total, "trim": quota.trim_id or ""}
        data |= {f"quotas-{number}-{name}": value for name, value in row.items()}
        data |= {f"quotas-{number}-city": quota.city_id or "", f"quotas-{number}-dealership": ""}
    for number, step in enumerate(steps):
        row = {"id": step.pk, "campaign": campaign.pk, "places": step.places, "discount": step.discount}
        data |= {f"steps-{number}-{name}": value for name, value in row.items()}
    return data | fields


def taken_campaign(**fields) -> Campaign:
    unit = make_unit()
    campaign = make_campaign(unit.trim, total=10, **fields)
    make_order(unit, campaign_id=campaign.pk)
    return campaign


def test_the_page_shows_what_is_taken_and_saving_never_sets_it_back(desk):
    campaign = taken_campaign()
    page = desk.get(url(campaign)).content.decode()
    assert "1 / 10" in page
    form = form_of(campaign, **{"quotas-0-total": "20"})
    unit = make_unit(campaign.trims.get())
    make_order(unit, campaign_id=campaign.pk)
    assert desk.post(url(campaign), form).status_code == 302
    quota = CampaignQuota.objects.get()
    assert (quota.total, quota.used) == (20, 2)
    campaign.refresh_from_db()
    assert (campaign.story, campaign.history.first().discount) == ({"en": "Words"}, Decimal(5000))


def test_the_list_shows_progress(desk):
    taken_campaign()
    assert "1 / 10 (10 %)" in desk.get("/admin/catalog/campaign/").content.decode()


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"quotas-0-total": "0"}, "1 places are taken already."),
        ({"quotas-0-DELETE": "on"}, "A quota from which places were taken stays."),
        ({"story": '["x"]'}, "Write it as"),
        ({"story": '{"en": "x\\u0000"}'}, ""),
        ({"limit_per_person": "0"}, "greater than or equal to 1"),
    ],
)
def test_what_does_not_fit_is_said_and_nothing_is_written(desk, changed, said):
    campaign = taken_campaign()
    answer = desk.post(url(campaign), form_of(campaign, **changed))
    assert answer.status_code == 200
    assert said in answer.content.decode()
    assert CampaignQuota.objects.get().total == 10


def test_a_quota_taken_from_stays_for_what_it_was(desk):
    campaign = taken_campaign()
    answer = desk.post(url(campaign), form_of(campaign, **{"quotas-0-city": make_city().pk}))
    assert "only its number can change" in answer.content.decode()


def new_row(name: str, number: int, campaign: Campaign, **fields) -> dict:
    row = {"id": "", "campaign": campaign.pk} | fields
    return {f"{name}-TOTAL_FORMS": number + 1} | {f"{name}-{number}-{key}": value for key, value in row.items()}


def test_early_birds_need_the_quota_that_counts_them(desk):
    campaign = make_campaign(make_unit().trim)
    step = new_row("steps", 0, campaign, places=5, discount="1000")
    answer = desk.post(url(campaign), form_of(campaign, **step))
    assert "Early birds are counted by the quota for all cars" in answer.content.decode()
    whole = new_row("quotas", 0, campaign, total=50, trim="", city="", dealership="")
    assert desk.post(url(campaign), form_of(campaign, **step, **whole)).status_code == 302
    assert (campaign.steps.get().places, campaign.quotas.get().total) == (5, 50)


def test_the_quota_for_all_is_set_before_the_first_order(desk):
    unit = make_unit()
    campaign = make_campaign(unit.trim)
    make_order(unit, campaign_id=campaign.pk)
    whole = new_row("quotas", 0, campaign, total=50, trim="", city="", dealership="")
    answer = desk.post(url(campaign), form_of(campaign, **whole))
    assert "The quota for all is set before the first order" in answer.content.decode()


def test_quotas_change_only_as_far_as_they_are_not_taken():
    campaign = taken_campaign()
    quota, other = campaign.quotas.get(), make_quota(campaign, 5, trim=campaign.trims.get())
    assert [change_quota(quota.pk, total=total) for total in (0, 1, 7)] == [False, True, True]
    assert (redraw_quota(quota.pk, city_id=make_city().pk), drop_quota(quota.pk)) == (False, False)
    assert redraw_quota(other.pk, city_id=make_city().pk)
    assert drop_quota(other.pk)
