"""How orders and test drives reach a dealership's own software.

One handoff, two ways: a signed webhook (Standard Webhooks) or an e-mail with an ADF lead.
Both carry what was frozen when the change was made.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from django.conf import settings
from django.db import models
from django.utils import timezone
from standardwebhooks import Webhook

from o2o_platform.notifications.adapters import Message, email_adapter
from o2o_platform.outbox import http
from o2o_platform.outbox.channels import Outcome
from o2o_platform.outbox.models import Delivery
from o2o_platform.outbox.services import enqueue

from .handoffs import HandoffData, compose_message, to_json
from .leads import compose_lead
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
    body = to_json(message)
    return [
        enqueue(
            topic=topic,
            channel=endpoint.kind,
            recipient=dealership.recipient,
            subject=subject,
            body=body,
            dedupe_key=f"{dedupe_key}:{endpoint.kind}",
        )
        for endpoint in Endpoint.objects.filter(dealership=dealership, is_enabled=True)
    ]


class _EndpointChannel:
    """What both ways share: a delivery goes to the endpoint of its kind at its dealership."""

    runs_inline = False
    kind: Endpoint.Kind

    def targets(self, deliveries: Sequence[Delivery]) -> dict[int, Endpoint]:
        """Enabled endpoints by delivery, with one query."""
        wanted = {delivery.recipient.removeprefix("dealership:") for delivery in deliveries}
        found = Endpoint.objects.filter(
            kind=self.kind, is_enabled=True, dealership_id__in=[int(key) for key in wanted if key.isdecimal()]
        ).select_related("dealership__market")
        by_recipient = {f"dealership:{endpoint.dealership_id}": endpoint for endpoint in found}
        return {
            delivery.pk: by_recipient[delivery.recipient]
            for delivery in deliveries
            if delivery.recipient in by_recipient
        }

    def disable(self, target: Endpoint, *, reason: str) -> None:
        Endpoint.objects.filter(pk=target.pk).update(is_enabled=False, disabled_reason=reason[:200])


NO_ENDPOINT = Outcome(ok=False, error="no enabled endpoint", park=True)


class WebhookChannel(_EndpointChannel):
    """Standard Webhooks: same id and bytes on every attempt, a fresh timestamp, one signature per valid secret."""

    kind = Endpoint.Kind.WEBHOOK

    def send(self, delivery: Delivery, target: Endpoint | None, *, deadline_s: float) -> Outcome:
        if target is None:
            return NO_ENDPOINT
        body = delivery.body.encode()
        try:
            answer = http.post(
                target.url,
                body,
                signed_headers(target, delivery),
                deadline_s=deadline_s,
                allow_loopback=settings.OUTBOX_ALLOW_LOOPBACK,
            )
        except http.AddressRefused as error:
            return Outcome(ok=False, error=str(error))
        except (http.TooSlow, http.Unreachable) as error:
            return Outcome(ok=False, error=str(error), is_down=True)
        return read_answer(answer)


def signed_headers(endpoint: Endpoint, delivery: Delivery) -> dict[str, str]:
    """The headers of one attempt, signed now with the secret and, while it rotates, the previous one."""
    now = datetime.now(UTC)
    secrets = [secret for secret in (endpoint.secret, endpoint.previous_secret) if secret]
    signatures = [Webhook(secret).sign(delivery.message_id, now, delivery.body) for secret in secrets]
    return {
        "Content-Type": "application/json",
        "User-Agent": USER_AGENT,
        "webhook-id": delivery.message_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": " ".join(signatures),
    }


def read_answer(answer: http.Response) -> Outcome:
    """2xx is success; 410 asks for no more; anything else, a redirect included, is tried again."""
    excerpt = answer.body[: EXCERPT_LENGTH * 4].decode("utf-8", "replace")[:EXCERPT_LENGTH]
    is_gone = answer.status == 410
    return Outcome(
        ok=200 <= answer.status < 300,
        status_code=answer.status,
        error="the receiver asked for no more (410)" if is_gone else "",
        excerpt=excerpt,
        retry_after=_retry_after(answer.headers.get("Retry-After", "")),
        disable=is_gone,
    )


def _retry_after(value: str) -> float | None:
    """Seconds asked for, given as seconds or as a date; None when absent or unreadable."""
    if value.strip().isdecimal():
        return float(value)
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - datetime.now(UTC)).total_seconds())


class LeadEmailChannel(_EndpointChannel):
    """An e-mail people can read, with the same handoff attached as an ADF lead for their CRM."""

    kind = Endpoint.Kind.ADF_EMAIL

    @property
    def runs_inline(self) -> bool:
        return email_adapter().runs_inline

    def send(self, delivery: Delivery, target: Endpoint | None, *, deadline_s: float) -> Outcome:
        if target is None:
            return NO_ENDPOINT
        lead = compose_lead(delivery, endpoint=target)
        return email_adapter().send(
            Message(
                to=target.email,
                subject=lead.subject,
                text=lead.text,
                message_id=delivery.message_id,
                attachments=(lead.attachment,),
            ),
            deadline_s=deadline_s,
        )
