import re

import pytest
from django.template.loader import render_to_string
from django.urls import reverse

ERRORS = ["400", "403", "403_csrf", "404", "429", "500"]


@pytest.mark.django_db
def test_the_gallery_is_for_builders_only(client, settings):
    settings.DEVELOPMENT = False

    assert client.get(reverse("interface:gallery")).status_code == 404


@pytest.mark.django_db
def test_the_gallery_shows_every_body(client, settings):
    settings.DEVELOPMENT = True

    page = client.get(reverse("interface:gallery")).content.decode()

    assert page.count("data-car") >= 9


@pytest.mark.parametrize("name", ERRORS)
def test_error_pages_need_no_context_and_lead_back(name):
    page = render_to_string(f"errors/{name}.html")

    assert 'href="/"' in page
    assert len(re.findall("<h1>", page)) == 1


@pytest.mark.parametrize("name", ERRORS)
def test_error_pages_keep_to_the_content_policy(name):
    page = render_to_string(f"errors/{name}.html")

    assert "style=" not in page
    assert "<script" not in page
