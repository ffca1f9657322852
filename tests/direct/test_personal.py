"""What a direct sale keeps about a person is shown to them, and forgotten with them."""

import pytest

from orders import personal
from orders.models import DirectSale
from tests.direct import sales

pytestmark = pytest.mark.django_db


def test_identity_and_address_are_exported_and_forgotten():
    order = sales.accepted()
    sales.with_window(order)
    own = DirectSale.objects.filter(order__buyer=order.buyer).values(*personal.DIRECT_SALE).get()
    assert (own["address_line"], own["identity_ending"]) == ("Lianchi 1", "0000")
    personal._forget_direct_sales(order.buyer)
    sale = DirectSale.objects.get(order=order)
    assert (sale.address_line, sale.identity_name, sale.identity_digest) == ("", "", "")
