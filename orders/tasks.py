"""Celery tasks; beat names them in settings."""

from celery import shared_task

from . import services
from .reports import counting
from .services import vouchers


@shared_task(name="orders.expire_holds")
def expire_holds() -> int:
    return services.expire_holds()


@shared_task(name="orders.reassign_overdue")
def reassign_overdue() -> int:
    return services.reassign_overdue()


@shared_task(name="orders.remind_silent")
def remind_silent() -> int:
    return services.remind_silent()


@shared_task(name="orders.lapse_consents")
def lapse_consents() -> int:
    return services.lapse_consents()


@shared_task(name="orders.expire_trade_ins")
def expire_trade_ins() -> int:
    return services.expire_trade_ins()


@shared_task(name="orders.tell_interested")
def tell_interested() -> int:
    return services.tell_interested()


@shared_task(name="orders.expire_quotes")
def expire_quotes() -> int:
    return services.expire_quotes()


@shared_task(name="orders.tend_gates")
def tend_gates() -> int:
    return services.tend_gates()


@shared_task(name="orders.flush_funnel")
def flush_funnel() -> int:
    return counting.flush_funnel()


@shared_task(name="orders.expire_vouchers")
def expire_vouchers() -> int:
    return vouchers.expire_vouchers()


@shared_task(name="orders.remind_of_vouchers")
def remind_of_vouchers() -> int:
    return vouchers.remind_of_vouchers()
