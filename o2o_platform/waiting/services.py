"""Joining the line, being let in, going out.

Everything that changes who is in line or inside holds the gate's row lock for one short
statement or two; asking for one's position does not touch it.
"""

from __future__ import annotations

from django.db import connection, transaction
from django.utils import timezone

from .exceptions import NotYourTurn
from .models import Gate, Place

# A number for everybody who came before the doors opened, in an order nobody can know before.
_DRAW = """
UPDATE waiting_place AS p SET number = %(after)s + drawn.n
FROM (SELECT id, row_number() OVER (ORDER BY random()) AS n FROM waiting_place
      WHERE gate_id = %(gate)s AND number IS NULL) AS drawn
WHERE p.id = drawn.id
"""
_CALL = """
UPDATE waiting_place SET called_at = statement_timestamp(),
    pass_until = statement_timestamp() + %(minutes)s * interval '1 minute'
WHERE gate_id = %(gate)s AND number > %(after)s AND number <= %(upto)s
"""
_INSIDE = """
SELECT count(*) FROM waiting_place
WHERE gate_id = %s AND called_at IS NOT NULL AND pass_until > statement_timestamp()
"""


def join(gate: Gate, *, person_id: int) -> Place:
    """The person's place; asking again, from whatever device, gives the same one.

    The person's own row decides whether there is a place already, before the gate is locked:
    reloading costs nobody anything.
    """
    if place := Place.objects.filter(gate=gate, person_id=person_id).first():
        return place
    with transaction.atomic():
        held = Gate.objects.select_for_update(no_key=True).get(pk=gate.pk)
        place, is_new = Place.objects.get_or_create(
            gate=held, person_id=person_id, defaults={"number": held.last_number + 1 if held.drawn_at else None}
        )
        if is_new and place.number:
            Gate.objects.filter(pk=held.pk).update(last_number=place.number)
    return place


def call_next(gate_id: int) -> int:
    """Let in as many as there is room for; the first call after opening draws the line. Returns how many."""
    with transaction.atomic():
        gate = Gate.objects.select_for_update(no_key=True).get(pk=gate_id)
        if gate.opens_at > timezone.now() or gate.sold_out_at:
            return 0
        with connection.cursor() as cursor:
            if not gate.drawn_at:
                cursor.execute(_DRAW, {"gate": gate.pk, "after": gate.last_number})
                gate.last_number += cursor.rowcount
                gate.drawn_at = timezone.now()
            cursor.execute(_INSIDE, [gate.pk])
            (inside,) = cursor.fetchone()
            upto = min(gate.called_number + max(gate.capacity - inside, 0), gate.last_number)
            called = upto - gate.called_number
            if called:
                values = {"gate": gate.pk, "after": gate.called_number, "upto": upto, "minutes": gate.pass_minutes}
                cursor.execute(_CALL, values)
        gate.called_number = upto
        gate.save(update_fields=["last_number", "called_number", "drawn_at"])
    return called


def call_everywhere() -> int:
    """One round over all open gates."""
    now = timezone.now()
    gates = Gate.objects.filter(opens_at__lte=now, sold_out_at__isnull=True).exclude(closes_at__lte=now)
    return sum(call_next(pk) for pk in gates.values_list("pk", flat=True))


def require_pass(gate: Gate, *, person_id: int) -> Place:
    """The person's place, when they are inside now. Raises NotYourTurn."""
    inside = Place.objects.filter(gate=gate, person_id=person_id, pass_until__gt=timezone.now())
    if place := inside.first():
        return place
    raise NotYourTurn


def leave(gate: Gate, *, person_id: int) -> None:
    """Done inside: the next one may come in. The place stays, so it can't be taken twice."""
    now = timezone.now()
    Place.objects.filter(gate=gate, person_id=person_id, pass_until__gt=now).update(pass_until=now)


def close_sold_out(gate: Gate) -> None:
    """Nothing is left: everybody in line is told, nobody is let in any more."""
    Gate.objects.filter(pk=gate.pk, sold_out_at__isnull=True).update(sold_out_at=timezone.now())


def reopen(gate: Gate) -> None:
    """Something came back (a hold ran out): the line goes on where it stopped."""
    Gate.objects.filter(pk=gate.pk).update(sold_out_at=None)
