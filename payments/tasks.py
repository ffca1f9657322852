"""Celery tasks; beat names them in settings."""

from celery import shared_task

from . import services


@shared_task(name="payments.reconcile")
def reconcile() -> int:
    return services.reconcile_payments()


@shared_task(name="payments.submit_refunds")
def submit_refunds() -> int:
    services.request_compensations()
    return services.submit_refunds()


@shared_task(name="payments.refund_run_out")
def refund_run_out() -> int:
    return services.refund_run_out()
