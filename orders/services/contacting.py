"""What a dealership's people note down about a buyer, and what they have to do."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone

from ..models import ContactNote, DeskTask, Order


def write_note(
    *, dealership_id: int, buyer_id: int, author_id: int, text: str, medium: str, order: Order | None = None
) -> ContactNote:
    """A note of this dealership about this buyer; no other dealership sees it."""
    return ContactNote.objects.create(
        dealership_id=dealership_id, buyer_id=buyer_id, author_id=author_id, text=text, medium=medium, order=order
    )


def add_task(
    *,
    dealership_id: int,
    author_id: int,
    text: str,
    due_at: datetime,
    assignee_id: int | None = None,
    buyer_id: int | None = None,
    order: Order | None = None,
) -> DeskTask:
    """Something to do for this dealership, by one of its people or by anyone there."""
    return DeskTask.objects.create(
        dealership_id=dealership_id,
        author_id=author_id,
        text=text,
        due_at=due_at,
        assignee_id=assignee_id,
        buyer_id=buyer_id,
        order=order,
    )


def finish_task(task_id: int, *, person_id: int) -> bool:
    """Done, by whom; False when somebody did it already, whose name stays."""
    open_tasks = DeskTask.objects.open().filter(pk=task_id)
    return bool(open_tasks.update(done_at=timezone.now(), done_by_id=person_id))


def reopen_task(task_id: int) -> bool:
    """Not done after all."""
    return bool(DeskTask.objects.filter(pk=task_id, done_at__isnull=False).update(done_at=None, done_by=None))


def give_task(task_id: int, *, assignee_id: int | None, due_at: datetime) -> bool:
    """Another person, or anyone, until another time; False once it is done."""
    return bool(DeskTask.objects.open().filter(pk=task_id).update(assignee_id=assignee_id, due_at=due_at))
