"""How orders and test drives reach a dealership's own software.

One handoff, three ways: a signed webhook (Standard Webhooks), an ADF lead by HTTP, or an e-mail with one.
All carry what was frozen when the change was made.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import models
from django.utils import timezone
from standardwebhooks import Webhook

from o2o_platform.notifications.adapters import Attachment, Message, email_adapter
from o2o_platform.outbox import http
from o2o_platform.outbox.channels import Outcome
from o2o_platform.outbox.models import Delivery
from o2o_platform.outbox.services import enqueue

from . import breaker
from .handoffs import BODY_LIMIT, HandoffData, compose_message, to_json
from .leads import ADF_MIME, LeadEmail, compose_lead
from .models import DealerChange, Dealership, Endpoint

USER_AGENT = "o2o-platform-webhooks/1.0"
EXCERPT_LENGTH = 500


def enqueue_handoff(
    *,
    dealership: Dealership,
    topic: str,
    subject: models.Model,
    payload: HandoffData | Mapping[str, object],
    dedupe_key: str,
) -> list[Delivery]:
    """Tell a dealership of a change, in the caller's transaction: the one place through which it is told anything.

    Always one row of the feed for systems that ask (`DealerChange`), and one delivery for each enabled
    endpoint. All are frozen here, so every attempt sends the same bytes. The same `dedupe_key` again tells nothing.
    """
    message = compose_message(topic, payload, told_at=timezone.now().isoformat(timespec="seconds"))
    change = DealerChange(dealership=dealership, topic=topic, body=message, dedupe_key=dedupe_key)
    DealerChange.objects.bulk_create([change], ignore_conflicts=True)
    endpoints = Endpoint.objects.filter(dealership=dealership, is_enabled=True)
    return [
        enqueue(
            topic=topic,
            channel=endpoint.kind,
            recipient=dealership.recipient,
            subject=subject,
            body=freeze(message, endpoint=endpoint),
            dedupe_key=f"{dedupe_key}:{endpoint.kind}",
        )
        for endpoint in endpoints.select_related("dealership__market")
    ]


def freeze(message: Mapping[str, Any], *, endpoint: Endpoint) -> str:
    """The body of every attempt to tell `endpoint`."""
    if endpoint.kind == Endpoint.Kind.WEBHOOK:
        return to_json(message)
    lead = compose_lead(message, endpoint=endpoint)
    return lead.xml if endpoint.kind == Endpoint.Kind.ADF_HTTP else lead.to_json()


@dataclass(frozen=True, slots=True)
class Call:
    """One POST, ready to be made."""

    url: str
    headers: Mapping[str, str]
    body: str


class _EndpointChannel:
    """What all ways share: a delivery goes to the endpoint of its kind at its dealership, if that is not shut."""

    runs_inline = False
    kind: Endpoint.Kind

    def targets(self, deliveries: Sequence[Delivery]) -> dict[int, Endpoint]:
        """Enabled endpoints by delivery, with one query."""
        wanted = {delivery.recipient.removeprefix("dealership:") for delivery in deliveries}
        found = breaker.with_clock(Endpoint.objects.all()).filter(
            kind=self.kind, is_enabled=True, dealership_id__in=[int(key) for key in wanted if key.isdecimal()]
        )
        by_recipient = {f"dealership:{endpoint.dealership_id}": endpoint for endpoint in found}
        return {
            delivery.pk: by_recipient[delivery.recipient]
            for delivery in deliveries
            if delivery.recipient in by_recipient
        }

    def disable(self, target: Endpoint, *, reason: str) -> None:
        Endpoint.objects.filter(pk=target.pk).update(is_enabled=False, disabled_reason=reason[:200])

    def admit(self, deliveries: Sequence[Delivery], targets: Mapping[int, Endpoint]) -> dict[int, float]:
        return breaker.admit(deliveries, targets)

    def is_doubtful(self, target: Endpoint) -> bool:
        return target.failures > 0

    def settle(self, sent: Sequence[tuple[Endpoint, Outcome]]) -> None:
        breaker.settle(sent)

    def zone_of(self, recipient: str) -> ZoneInfo | None:
        key = recipient.removeprefix("dealership:")
        place = Dealership.objects.filter(pk=int(key)).first() if key.isdecimal() else None
        return place and place.zone


NO_ENDPOINT = Outcome(ok=False, error="no enabled endpoint", park=True)
TOO_LARGE = Outcome(ok=False, error=f"the message is {BODY_LIMIT // 1000} kB or larger: not sent", park=True)


class _HttpChannel(_EndpointChannel):
    """POSTs the frozen body; what comes back decides."""

    content_type: str

    def prepare(self, delivery: Delivery, target: Endpoint) -> Call:
        """The call of one attempt, with a fresh timestamp and signature."""
        return Call(target.url, signed_headers(target, delivery, content_type=self.content_type), delivery.body)

    def send(self, delivery: Delivery, target: Endpoint | None, *, deadline_s: float) -> Outcome:
        if target is None:
            return NO_ENDPOINT
        return make_call(self.prepare(delivery, target), deadline_s=deadline_s)[0]


class WebhookChannel(_HttpChannel):
    """Standard Webhooks: same id and bytes on every attempt, a fresh timestamp, one signature per valid secret."""

    kind = Endpoint.Kind.WEBHOOK
    content_type = "application/json"

    def send(self, delivery: Delivery, target: Endpoint | None, *, deadline_s: float) -> Outcome:
        if len(delivery.body.encode()) >= BODY_LIMIT:
            return TOO_LARGE
        return super().send(delivery, target, deadline_s=deadline_s)


class LeadHttpChannel(_HttpChannel):
    """An ADF lead to the address of a CRM, with the same id, retries and signatures as a webhook."""

    kind = Endpoint.Kind.ADF_HTTP
    content_type = f"{ADF_MIME}; charset=utf-8"


def make_call(call: Call, *, deadline_s: float) -> tuple[Outcome, http.Response | None]:
    """POST, and what came of it; without an answer when there was none."""
    try:
        answer = http.post(
            call.url,
            call.body.encode(),
            call.headers,
            deadline_s=deadline_s,
            allow_loopback=settings.OUTBOX_ALLOW_LOOPBACK,
        )
    except http.AddressRefused as error:
        return Outcome(ok=False, error=str(error)), None
    except (http.TooSlow, http.Unreachable) as error:
        return Outcome(ok=False, error=str(error), is_down=True), None
    return read_answer(answer), answer


def signed_headers(endpoint: Endpoint, delivery: Delivery, *, content_type: str = "application/json") -> dict[str, str]:
    """The headers of one attempt, signed now with the secret and, while it rotates, the previous one."""
    now = datetime.now(UTC)
    headers = {
        "Content-Type": content_type,
        "User-Agent": USER_AGENT,
        "webhook-id": delivery.message_id,
        "webhook-timestamp": str(int(now.timestamp())),
    }
    secrets = valid_secrets(endpoint, now)
    if secrets:
        signatures = [Webhook(secret).sign(delivery.message_id, now, delivery.body) for secret in secrets]
        headers["webhook-signature"] = " ".join(signatures)
    return headers


def valid_secrets(endpoint: Endpoint, now: datetime) -> list[str]:
    """The secret, and the one before it until its time is over."""
    is_over = endpoint.previous_until is not None and endpoint.previous_until <= now
    previous = "" if is_over else endpoint.previous_secret
    return [secret for secret in (endpoint.secret, previous) if secret]


def read_answer(answer: http.Response) -> Outcome:
    """2xx is success; 410 asks for no more; anything else, a redirect included, is tried again."""
    excerpt = answer.body[: EXCERPT_LENGTH * 4].decode("utf-8", "replace")[:EXCERPT_LENGTH]
    is_gone = answer.status == 410
    return Outcome(
        ok=200 <= answer.status < 300,
        status_code=answer.status,
        error=_words_for(answer),
        excerpt=excerpt,
        retry_after=answer.retry_after,
        disable=is_gone,
    )


def _words_for(answer: http.Response) -> str:
    if answer.status == 410:
        return "the receiver asked for no more (410)"
    if 300 <= answer.status < 400:
        return f"HTTP {answer.status}: redirects are not followed"
    return ""


class LeadEmailChannel(_EndpointChannel):
    """An e-mail people can read, with the same handoff attached as an ADF lead for their CRM."""

    kind = Endpoint.Kind.ADF_EMAIL

    @property
    def runs_inline(self) -> bool:
        return email_adapter().runs_inline

    def send(self, delivery: Delivery, target: Endpoint | None, *, deadline_s: float) -> Outcome:
        if target is None:
            return NO_ENDPOINT
        return email_adapter().send(lead_message(delivery, target), deadline_s=deadline_s)


def lead_message(delivery: Delivery, target: Endpoint) -> Message:
    """The frozen words and lead, to where the endpoint's mail goes now."""
    lead = LeadEmail.from_json(delivery.body)
    return Message(
        to=target.email,
        subject=lead.subject,
        text=lead.text,
        message_id=delivery.message_id,
        attachments=(Attachment(lead.name, lead.xml, ADF_MIME),),
    )
