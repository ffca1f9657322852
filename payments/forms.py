"""Starting to pay."""

from orders.forms import IdempotentForm


class PayForm(IdempotentForm):
    """Nothing but the key: amount and order are ours to know."""
