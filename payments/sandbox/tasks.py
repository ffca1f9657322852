"""The sandbox provider tells the merchant what happened."""

import json

import requests
from celery import shared_task

from . import bank, signing
from .models import Charge

TIMEOUT_S = 10


@shared_task(
    name="sandbox.send_notice",
    autoretry_for=(requests.RequestException,),
    retry_backoff=2,
    max_retries=5,
)
def send_notice(charge_id: int) -> None:
    """POST the signed state of a charge to the merchant's notify address; retried when it does not answer 2xx."""
    charge = Charge.objects.get(pk=charge_id)
    body = json.dumps(bank.charge_json(charge)).encode()
    headers = {"Content-Type": "application/json", "X-Sandbox-Signature": signing.sign(body)}
    requests.post(
        charge.notify_url, data=body, headers=headers, timeout=TIMEOUT_S, allow_redirects=False
    ).raise_for_status()
