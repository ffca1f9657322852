"""What apps above do once a buyer has booked a test drive; they add theirs in AppConfig.ready."""

from collections.abc import Callable

from django.http import HttpRequest

from .models import Appointment

Listener = Callable[[HttpRequest, Appointment], None]

_listeners: list[Listener] = []


def register(listener: Listener) -> None:
    """Call `listener` after each booking on the site."""
    if listener not in _listeners:
        _listeners.append(listener)


def tell_booked(request: HttpRequest, appointment: Appointment) -> None:
    for listener in _listeners:
        listener(request, appointment)
