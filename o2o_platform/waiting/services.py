"""Joining the line, being let in, going out.

Everything that changes who is in line or inside holds the gate's row lock for one short
statement or two; asking for one's position does not touch it.
"""

from __future__ import annotations

from datetime import timedelta

from django.db import connection, transaction
from django.utils import timezone

from .exceptions import NotYourTurn
from .models import Gate, Place

# Beat lets people in once a second. Past this the web workers do it for the people who ask.
LATE = timedelta(seconds=6)

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
# The row count is the verdict: of two requests with one pass the second waits for the first, and sees it used.
_USE = """
UPDATE waiting_place SET pass_until = statement_timestamp()
WHERE gate_id = %s AND person_id = %s AND pass_until > statement_timestamp()
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


def join_again(gate: Gate, *, person_id: int) -> Place:
    """A new place at the end of the line for somebody whose turn is over; any other keeps the one they have."""
    with transaction.atomic():
        held = Gate.objects.select_for_update(no_key=True).get(pk=gate.pk)
        over = Place.objects.filter(gate=held, person_id=person_id, pass_until__lte=timezone.now())
        number = held.last_number + 1
        if over.update(number=number, called_at=None, pass_until=None):
            Gate.objects.filter(pk=held.pk).update(last_number=number)
    return join(gate, person_id=person_id)


def call_next(gate_id: int, *, only_if_free: bool = False) -> int:
    """Let in as many as there is room for; the first call after opening draws the line. Returns how many.

    With `only_if_free` nobody waits for the gate's lock: who holds it may be letting people in.
    """
    with transaction.atomic():
        gate = Gate.objects.select_for_update(no_key=True, skip_locked=only_if_free).filter(pk=gate_id).first()
        now = timezone.now()
        if gate is None or gate.opens_at > now or gate.sold_out_at or not gate.is_guarding(now):
            return 0
        with connection.cursor() as cursor:
            if not gate.drawn_at:
                cursor.execute(_DRAW, {"gate": gate.pk, "after": gate.last_number})
                gate.last_number += cursor.rowcount
                gate.drawn_at = now
            cursor.execute(_INSIDE, [gate.pk])
            (inside,) = cursor.fetchone()
            upto = min(gate.called_number + max(gate.capacity - inside, 0), gate.last_number)
            called = upto - gate.called_number
            if called:
                values = {"gate": gate.pk, "after": gate.called_number, "upto": upto, "minutes": gate.pass_minutes}
                cursor.execute(_CALL, values)
        gate.called_number, gate.looked_at = upto, now
        gate.save(update_fields=["last_number", "called_number", "drawn_at", "looked_at"])
    return called


def call_if_late(gate: Gate) -> bool:
    """Let people in when the worker that should has not looked for some seconds; whether it was late."""
    latest = timezone.now() - LATE
    if gate.opens_at > latest or gate.sold_out_at or (gate.looked_at and gate.looked_at > latest):
        return False
    call_next(gate.pk, only_if_free=True)
    return True


def call_everywhere() -> int:
    """One round over all open gates."""
    now = timezone.now()
    gates = Gate.objects.filter(opens_at__lte=now, sold_out_at__isnull=True).exclude(closes_at__lte=now)
    return sum(call_next(pk) for pk in gates.values_list("pk", flat=True))


def find_pass(gate_id: int, *, person_id: int) -> Place | None:
    """The person's place when they are inside now."""
    return Place.objects.filter(gate=gate_id, person_id=person_id, pass_until__gt=timezone.now()).first()


def use_pass(gate_id: int, *, person_id: int) -> None:
    """Use the person's pass up, in the transaction of what it is used for: a rollback gives it back.

    Raises NotYourTurn. The place stays, so that it can't be taken twice, and the next one may come in.
    """
    with connection.cursor() as cursor:
        cursor.execute(_USE, [gate_id, person_id])
        if not cursor.rowcount:
            raise NotYourTurn


def close_sold_out(gate_id: int) -> bool:
    """Nothing is left: everybody in line is told, nobody is let in any more. Whether it was open."""
    return bool(Gate.objects.filter(pk=gate_id, sold_out_at__isnull=True).update(sold_out_at=timezone.now()))


def reopen(gate_id: int) -> bool:
    """Something came back (a hold ran out): the line goes on where it stopped. Whether it was sold out."""
    return bool(Gate.objects.filter(pk=gate_id, sold_out_at__isnull=False).update(sold_out_at=None))
