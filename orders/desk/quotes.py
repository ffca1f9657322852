"""Writing a quote at the desk, and what can be done with it afterwards."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from catalog.models import StockUnit
from o2o_platform.accounts.identifiers import Identifier
from o2o_platform.accounts.models import User
from o2o_platform.interface.access import DEALERSHIP_PARTS
from o2o_platform.interface.verbs import INPUT, Verb, VerbForm
from o2o_platform.journal.models import Actor

from .. import services
from ..exceptions import OrderError
from ..models import Quote, TradeIn
from ..services.quoting import LONGEST_VALIDITY, MOST_EXTRAS, USUAL_VALIDITY, Extra, QuoteTerms

# The quote's own events, as its page tells them.
TOLD = {
    "issued": _lazy("Written"),
    "code_renewed": _lazy("New code"),
    "claimed": _lazy("Taken by the buyer"),
    "ordered": _lazy("Ordered"),
    "order_expired": _lazy("Deposit not paid in time"),
    "withdrawn": _lazy("Withdrawn"),
    "expired": _lazy("Expired"),
}
LONGEST_DAYS = LONGEST_VALIDITY.days - 1
ROWS_AT_ONCE = 3


def _money(label: Any, **attrs: str) -> forms.DecimalField:
    widget = forms.NumberInput(
        attrs={"step": "0.01", "min": "0", "inputmode": "decimal", "class": f"{INPUT} desk-money", **attrs}
    )
    return forms.DecimalField(label=label, required=False, min_value=0, max_digits=11, decimal_places=2, widget=widget)


class QuoteForm(forms.Form):
    """What the advisor offers for one car of the own stock; every sum is optional."""

    discount = _money(_lazy("Discount"))
    trade_in_number = forms.CharField(
        label=_lazy("Number of the trade-in"),
        max_length=16,
        required=False,
        widget=forms.TextInput(attrs={"class": INPUT, "autocomplete": "off"}),
    )
    trade_in_value = _money(_lazy("For the buyer's old car"))
    valid_until = forms.DateField(label=_lazy("Valid until"), widget=forms.DateInput(attrs={"type": "date"}))
    contact = forms.CharField(
        label=_lazy("Buyer's phone or e-mail"),
        max_length=254,
        required=False,
        widget=forms.TextInput(attrs={"class": INPUT, "autocomplete": "off"}),
    )
    note = forms.CharField(
        label=_lazy("Note to the buyer"),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2, "class": INPUT}),
    )

    def __init__(self, *args: Any, unit: StockUnit, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.unit = unit
        zone = unit.dealership.zone  # type: ignore[union-attr]
        self.today = timezone.now().astimezone(zone).date()
        day = self.fields["valid_until"]
        day.initial = (self.today + USUAL_VALIDITY).isoformat()
        day.widget.attrs |= {
            "class": INPUT,
            "min": self.today.isoformat(),
            "max": (self.today + timedelta(days=LONGEST_DAYS)).isoformat(),
        }
        for number in range(1, MOST_EXTRAS + 1):
            self.fields[f"extra_{number}"] = forms.CharField(
                label=_("Extra %(number)s") % {"number": number},
                max_length=60,
                required=False,
                widget=forms.TextInput(attrs={"class": INPUT, "autocomplete": "off"}),
            )
            self.fields[f"amount_{number}"] = _money(_("Amount of extra %(number)s") % {"number": number})

    def clean_valid_until(self) -> date:
        day: date = self.cleaned_data["valid_until"]
        if not self.today <= day <= self.today + timedelta(days=LONGEST_DAYS):
            raise ValidationError(_("A quote is valid for at most 30 days."))
        return day

    def clean_contact(self) -> Identifier | None:
        text = self.cleaned_data["contact"]
        return Identifier.parse(text) if text else None

    def clean_trade_in_number(self) -> TradeIn | None:
        """One of this dealership's estimates; of others nobody is told whether they exist."""
        number = self.cleaned_data["trade_in_number"].strip().upper()
        if not number:
            return None
        estimates = TradeIn.objects.filter(dealership=self.unit.dealership_id, status=TradeIn.Status.ESTIMATED)
        found = estimates.filter(reference=number).first()
        if found is None:
            raise ValidationError(_("No estimate of yours has this number."))
        return found

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        for number in range(1, MOST_EXTRAS + 1):
            named, amount = data.get(f"extra_{number}"), data.get(f"amount_{number}")
            if amount and not named:
                self.add_error(f"extra_{number}", _("Name what this sum is for."))
        trade_in = data.get("trade_in_number")
        if trade_in and data.get("trade_in_value") is None:
            self.add_error("trade_in_value", _("Enter what you give for it."))
        return data

    @property
    def terms(self) -> QuoteTerms:
        """What was typed; only of a valid form. A day counts to its end at the dealership."""
        data = self.cleaned_data
        zone = self.unit.dealership.zone  # type: ignore[union-attr]
        named = [(data[f"extra_{number}"], data[f"amount_{number}"]) for number in range(1, MOST_EXTRAS + 1)]
        return QuoteTerms(
            valid_until=datetime.combine(data["valid_until"] + timedelta(days=1), time.min, zone),
            discount=data["discount"] or Decimal(0),
            extras=tuple(Extra(label, amount or Decimal(0)) for label, amount in named if label),
            trade_in=data["trade_in_number"],
            trade_in_value=data["trade_in_value"] or Decimal(0),
            note=data["note"],
        )

    @property
    def extras(self) -> list[tuple[forms.BoundField, forms.BoundField]]:
        return [(self[f"extra_{number}"], self[f"amount_{number}"]) for number in range(1, MOST_EXTRAS + 1)]

    @property
    def first_extras(self) -> list[tuple[forms.BoundField, forms.BoundField]]:
        return self.extras[:ROWS_AT_ONCE]

    @property
    def more_extras(self) -> list[tuple[forms.BoundField, forms.BoundField]]:
        return self.extras[ROWS_AT_ONCE:]


def write_quote(form: QuoteForm, *, advisor: User, actor: Actor) -> Quote:
    """Issue the quote of a valid form, and tell the buyer where they can be reached. Raises OrderError."""
    contact: Identifier | None = form.cleaned_data["contact"]
    unit = form.unit
    with transaction.atomic():
        reader = contact.find_or_create_user(language=unit.market.languages[0]) if contact else None
        if reader is not None and not reader.is_active:
            raise ValidationError(_("This account is closed."))
        return services.issue_quote(
            unit.pk,
            dealership_id=unit.dealership_id,  # type: ignore[arg-type]
            advisor=advisor,
            terms=form.terms,
            actor=actor,
            reader=reader,
        )


class WithdrawForm(VerbForm):
    reason = forms.CharField(label=_lazy("Reason"), max_length=300)


def _withdraw(quote: Quote, data: dict[str, Any], actor: Actor) -> str:
    services.withdraw_quote(quote.pk, actor=actor, reason=data["reason"])
    return _("Quote %(quote)s is withdrawn.") % {"quote": quote}


def _renew(quote: Quote, _data: dict[str, Any], actor: Actor) -> str:
    services.renew_claim_code(quote.pk, actor=actor)
    return _("Quote %(quote)s has a new code for a day.") % {"quote": quote}


QUOTE_VERBS = (
    Verb(
        name="new-code",
        label=_lazy("New code"),
        parts=DEALERSHIP_PARTS,
        may=lambda quote: quote.status == Quote.Status.OPEN,
        run=_renew,
        refusals=(OrderError,),
        on_desk=False,
    ),
    Verb(
        name="withdraw",
        label=_lazy("Withdraw"),
        parts=DEALERSHIP_PARTS,
        may=lambda quote: quote.status in Quote.LIVE,
        run=_withdraw,
        form=WithdrawForm,
        refusals=(OrderError,),
        is_grave=True,
    ),
)
