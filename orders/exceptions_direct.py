"""What can stand in the way of a direct sale."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from .exceptions import OrderError


class NotDirect(OrderError):
    code = "not_direct"
    text = _("This step belongs to cars sold directly to your door.")


class IdentityNotAsked(OrderError):
    code = "identity_not_asked"
    text = _("Your identity is not asked for now.")


class WrongDocument(OrderError):
    code = "wrong_document"
    text = _("Enter the number as printed on the document: 5 to 24 letters and digits.")


class WrongPostcode(OrderError):
    """`example` is how a postcode of the market looks."""

    code = "wrong_postcode"
    text = _("That is no postcode there. It looks like %(example)s.")

    def __init__(self, example: str) -> None:
        super().__init__()
        self.args = (str(self.text) % {"example": example},)


class AddressNeeded(OrderError):
    code = "address_needed"
    text = _("Enter first where the car shall be brought.")


class NotDeliverable(OrderError):
    code = "not_deliverable"
    text = _("The delivery can't be changed now.")


class WindowFull(OrderError):
    code = "window_full"
    text = _("This time has just been taken. Choose another one.")


class WindowFixed(OrderError):
    code = "window_fixed"
    text = _("A delivery can be moved until the day before.")


class WindowNeeded(OrderError):
    code = "window_needed"
    text = _("The buyer has not chosen a delivery time yet.")


class LoanNotOpen(OrderError):
    code = "loan_not_open"
    text = _("No loan can be asked for or decided now.")


class DownPaymentNeeded(OrderError):
    """`amount` is what is still to be paid before, formatted."""

    code = "down_payment_needed"
    text = _("The loan pays the rest once the down payment is there. Still missing: %(amount)s.")

    def __init__(self, amount: str) -> None:
        super().__init__()
        self.args = (str(self.text) % {"amount": amount},)


class WrongOdometer(OrderError):
    code = "wrong_odometer"
    text = _("The kilometres can't be fewer than at the handover.")


class NotReturnable(OrderError):
    code = "not_returnable"
    text = _("The car can't be given back now.")


class ReturnNotAsked(OrderError):
    code = "return_not_asked"
    text = _("The buyer has not asked to give the car back.")
