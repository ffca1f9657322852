"""What clients send that cannot be read."""

import pytest

from tests.factories import make_buyer

pytestmark = pytest.mark.django_db


def test_json_nested_without_end_is_a_bad_request(client):
    client.force_login(make_buyer())
    answer = client.post(
        "/api/v1/orders/", "[" * 100_000, content_type="application/json", headers={"Idempotency-Key": "deep"}
    )
    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")
