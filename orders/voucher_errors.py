"""What can stand in the way of buying, spending or giving back a voucher. Texts are fit for the reader."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from .exceptions import OrderError


class VoucherNotOnSale(OrderError):
    code = "voucher_not_on_sale"
    text = _("This voucher is not on sale now.")


class VoucherSoldOut(OrderError):
    code = "voucher_sold_out"
    text = _("All vouchers are taken. One may come back if a buyer does not pay.")


class VoucherLimit(OrderError):
    code = "voucher_limit"
    text = _("You already have as many of these vouchers as one person may.")


class VoucherNotFound(OrderError):
    code = "voucher_not_found"
    text = _("No voucher has this code.")


class VoucherSpent(OrderError):
    code = "voucher_spent"
    text = _("This voucher is spent.")


class VoucherNotValid(OrderError):
    code = "voucher_not_valid"
    text = _("This voucher is not paid, has expired or was refunded.")


class VoucherElsewhere(OrderError):
    code = "voucher_elsewhere"
    text = _("This voucher is for other brands or another market.")


class VoucherForAnother(OrderError):
    code = "voucher_for_another"
    text = _("This voucher belongs to another buyer than the order.")


class VoucherNotDue(OrderError):
    code = "voucher_not_due"
    text = _("This order takes no money at the dealership now: the car is not ready, or all is paid.")


class VoucherNotStackable(OrderError):
    code = "voucher_not_stackable"
    text = _("This voucher can't be used together with the campaign of this order.")


class VoucherOnceAnOrder(OrderError):
    code = "voucher_once_an_order"
    text = _("A voucher was already spent on this order.")
