"""Places in a campaign: taken with the order, given back when it ends before handover, each exactly once.

Locks: buyer, (order,) car, then the campaign's quotas in the order of their ids, then the network
address. Each is one conditional write, so the database decides who has the last place.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from catalog.campaign_price import KIND, CampaignTerms
from catalog.campaign_standing import campaign_line_name
from catalog.pricing import ZERO
from o2o_platform.accounts.models import User
from o2o_platform.journal.services import lock
from o2o_platform.operations.network import subscriber

from .. import exceptions
from ..models import CampaignClaim, Order


@dataclass(frozen=True, slots=True)
class Place:
    """A place just taken, and what it gives. `number` counts the campaign's live places from 1."""

    campaign_id: int
    number: int
    quota_ids: tuple[int, ...]
    address_digest: str
    taken_at: datetime
    terms: CampaignTerms


# One statement, as everybody in a rush waits for it: the campaign by the clock of the database, the
# limits, one of every quota the car falls under, the address. What is refused is rolled back whole.
# Quotas are locked before they are counted, in the order of their ids; `used < total` then reads the
# newest row. The address comes last, and only for somebody who has all quotas.
_TAKE = """
WITH campaign AS (
  SELECT c.*, c.market_id = %(market)s AND EXISTS (
      SELECT FROM catalog_campaign_trims t WHERE t.campaign_id = c.id AND t.trim_id = %(trim)s
    ) AS has_car,
    c.is_published AND c.starts_at <= statement_timestamp() AND statement_timestamp() < c.ends_at AS is_running,
    (SELECT count(*) FROM orders_campaignclaim o WHERE o.campaign_id = c.id AND o.person_id = %(person)s
      AND o.released_at IS NULL) < c.limit_per_person AS has_claim_left,
    c.limit_per_address IS NOT NULL AND %(address)s <> '' AS counts_address
  FROM catalog_campaign c WHERE c.id = %(campaign)s
), entered AS (
  SELECT * FROM campaign WHERE has_car AND is_running AND has_claim_left
), wanted AS (
  SELECT q.id, q.trim_id IS NULL AND q.city_id IS NULL AND q.dealership_id IS NULL AS is_whole
  FROM catalog_campaignquota q, entered
  WHERE q.campaign_id = entered.id
    AND (q.trim_id IS NULL OR q.trim_id = %(trim)s)
    AND (q.dealership_id IS NULL OR q.dealership_id = %(dealership)s)
    AND (q.city_id IS NULL OR q.city_id = coalesce(
      (SELECT d.city_id FROM dealers_dealership d WHERE d.id = %(dealership)s), %(city)s))
  ORDER BY q.id FOR NO KEY UPDATE OF q
), taken AS (
  UPDATE catalog_campaignquota q SET used = q.used + 1 FROM wanted WHERE q.id = wanted.id AND q.used < q.total
  RETURNING q.id, q.used, wanted.is_whole
), address AS (
  INSERT INTO orders_campaignaddress AS a (campaign_id, address_digest, used)
  SELECT id, %(address)s, 1 FROM entered
  WHERE counts_address AND (SELECT count(*) FROM taken) = (SELECT count(*) FROM wanted)
  ON CONFLICT (campaign_id, address_digest) DO UPDATE SET used = a.used + 1
  WHERE a.used < (SELECT limit_per_address FROM entered)
  RETURNING a.used
), numbered AS (
  SELECT coalesce(
    (SELECT used FROM taken WHERE is_whole),
    (SELECT count(*) + 1 FROM orders_campaignclaim o, entered
      WHERE o.campaign_id = entered.id AND o.released_at IS NULL)
  ) AS number
)
SELECT has_car, is_running, has_claim_left,
  (SELECT count(*) FROM taken) = (SELECT count(*) FROM wanted) AS has_quotas,
  NOT counts_address OR EXISTS (SELECT FROM address) AS has_address,
  counts_address, statement_timestamp() AS taken_at, numbered.number,
  ARRAY(SELECT id FROM taken ORDER BY id) AS quota_ids,
  coalesce(discount, 0) + coalesce((
    SELECT s.discount FROM catalog_campaignstep s, taken
    WHERE s.campaign_id = campaign.id AND taken.is_whole AND s.places >= taken.used ORDER BY s.places LIMIT 1
  ), 0) AS discount,
  is_stackable, name, name_zh, gift, gift_zh
FROM campaign, numbered
"""

_GIVE_BACK = """
WITH claim AS (
  UPDATE orders_campaignclaim SET released_at = statement_timestamp()
  WHERE order_id = %s AND released_at IS NULL RETURNING campaign_id, address_digest, quota_ids
), held AS (
  SELECT q.id FROM catalog_campaignquota q, claim WHERE q.id = ANY(claim.quota_ids)
  ORDER BY q.id FOR NO KEY UPDATE OF q
), freed AS (
  UPDATE catalog_campaignquota q SET used = q.used - 1 FROM held WHERE q.id = held.id AND q.used > 0 RETURNING q.id
), address AS (
  UPDATE orders_campaignaddress a SET used = a.used - 1 FROM claim
  WHERE a.campaign_id = claim.campaign_id AND a.address_digest = claim.address_digest AND a.used > 0
    AND (SELECT count(*) FROM freed) >= 0
  RETURNING a.id
)
SELECT count(*) FROM claim
"""


def address_digest(campaign_id: int, address: str) -> str:
    """A keyed digest of a network address, other for every campaign; empty for what is no address.

    An IPv6 subscriber has a whole /64, so that is what is counted. The address itself is never kept.
    """
    try:
        whose = subscriber(address.partition("%")[0])
    except ValueError:
        return ""
    message = f"{campaign_id}:{whose}".encode()
    return hmac.new(settings.SECRET_KEY.encode(), b"campaign-address:" + message, hashlib.sha256).hexdigest()


def take_place(
    campaign_id: int,
    *,
    person_id: int,
    market_id: str,
    trim_id: int,
    dealership_id: int | None,
    city_id: int | None = None,
    digest: str = "",
) -> Place:
    """One place of the campaign for a car this transaction holds; call it with the buyer's row locked.

    A car counts in the city of its dealership, a directly sold one in the buyer's. The early-bird step is
    the smallest that still has the place, counted by the quota for the whole campaign. Raises
    NotInCampaign, CampaignOver, CampaignLimitPerson, CampaignSoldOut, CampaignLimitAddress; the caller's
    transaction must then be rolled back.
    """
    values = {
        "campaign": campaign_id,
        "person": person_id,
        "market": market_id,
        "trim": trim_id,
        "dealership": dealership_id,
        "city": city_id,
        "address": digest,
    }
    found = _take(values)
    return Place(
        campaign_id=campaign_id,
        number=found["number"],
        quota_ids=tuple(found["quota_ids"]),
        address_digest=digest if found["counts_address"] else "",
        taken_at=found["taken_at"],
        terms=CampaignTerms(
            discount=found["discount"],
            is_stackable=found["is_stackable"],
            name=campaign_line_name(found["name"], found["gift"]),
            name_zh=campaign_line_name(found["name_zh"], found["gift_zh"]),
        ),
    )


def _take(values: dict[str, Any]) -> dict[str, Any]:
    """What the statement found, by column. Raises what `take_place` does."""
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, values)
        row = cursor.fetchone()
        found = dict(zip([column.name for column in cursor.description], row, strict=True)) if row else {}
    _refuse(found)
    return found


def _refuse(found: dict[str, Any]) -> None:
    if not found or not found["has_car"]:
        raise exceptions.NotInCampaign
    if not found["is_running"]:
        raise exceptions.CampaignOver
    if not found["has_claim_left"]:
        raise exceptions.CampaignLimitPerson
    if not found["has_quotas"]:
        raise exceptions.CampaignSoldOut
    if not found["has_address"]:
        raise exceptions.CampaignLimitAddress


def write_campaign_claim(order: Order, place: Place) -> None:
    """Note the place an order took, and what that took off its price, in its transaction."""
    discount = -sum((Decimal(line["amount"]) for line in order.price_lines if line["kind"] == KIND), ZERO)
    CampaignClaim.objects.create(
        order=order,
        campaign_id=place.campaign_id,
        person_id=order.buyer_id,
        address_digest=place.address_digest,
        quota_ids=list(place.quota_ids),
        place=place.number,
        discount=discount,
        claimed_at=place.taken_at,
    )


def is_in_campaign(order: Order) -> bool:
    """Whether the order was placed in a campaign, told from its frozen price without a query."""
    return any(line["kind"] == KIND for line in order.price_lines)


def give_back_place(order: Order) -> bool:
    """Free the order's place for the next; False when it has none, or gave it back before."""
    if not is_in_campaign(order):
        return False
    with connection.cursor() as cursor:
        cursor.execute(_GIVE_BACK, [order.pk])
        return bool(cursor.fetchone()[0])


def lock_person(order: Order) -> None:
    """Lock the buyer of an order in a campaign before its car, so that the limit per person holds."""
    if is_in_campaign(order):
        lock(User, pk=order.buyer_id)


def retake_place(order: Order) -> bool:
    """A place for an order whose hold ran out and whose money came late; True for orders of no campaign.

    False when the campaign is over or full, a limit is reached, or the place would no longer give as
    much as the order was promised: nothing is kept then. Call it with the buyer's row locked.
    """
    if not is_in_campaign(order):
        return True
    claim = CampaignClaim.objects.select_for_update(of=("self",), no_key=True).get(order=order)
    return claim.released_at is None or _retake(order, claim)


def _retake(order: Order, claim: CampaignClaim) -> bool:
    try:
        with transaction.atomic():
            place = take_place(
                claim.campaign_id,
                person_id=order.buyer_id,
                market_id=order.market_id,
                trim_id=order.trim_id,
                dealership_id=order.dealership_id,
                city_id=order.city_id,
                digest=claim.address_digest,
            )
            if place.terms.discount < claim.discount:
                raise exceptions.CampaignSoldOut
    except exceptions.CampaignRefused:
        return False
    claim.released_at, claim.place, claim.quota_ids = None, place.number, list(place.quota_ids)
    claim.address_digest, claim.claimed_at = place.address_digest, place.taken_at
    claim.save()
    return True
