"""A dealership's own delivery: trying it, pausing it, sending again, secrets that rotate, keys that end."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.utils.translation import ngettext

from o2o_platform.interface.access import Part
from o2o_platform.interface.verbs import Shown, ShownOnce, Verb, VerbForm
from o2o_platform.journal.models import Actor

from ..models import DealerKey, Endpoint
from ..services import endpoints
from ..trials import try_endpoint

MANAGERS = frozenset({Part.MANAGER})


class AlreadyPaused(Exception):
    """Nothing is sent to it as it is."""

    def __str__(self) -> str:
        return _("It is paused already.")


class ReplayForm(VerbForm):
    """Since when, in the dealership's own time; asked back with the number before anything is sent."""

    since = forms.DateTimeField(
        label=_lazy("Since (the dealership's time)"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )
    delivered_too = forms.TypedChoiceField(
        label=_lazy("What"),
        choices=[("", _lazy("What was given up")), ("1", _lazy("Everything, also what arrived"))],
        coerce=bool,
        empty_value=False,
        required=False,
    )
    confirmed = forms.BooleanField(required=False, widget=forms.HiddenInput)

    def prepare(self) -> None:
        day_ago = timezone.now() - timedelta(days=1)
        self.fields["since"].initial = day_ago.astimezone(self.row.dealership.zone).replace(tzinfo=None, second=0)

    def clean_since(self) -> datetime:
        """The moment meant at the dealership, at most `REPLAY_DAYS` back."""
        given = self.cleaned_data["since"].replace(tzinfo=self.row.dealership.zone)
        if not timedelta() <= timezone.now() - given <= timedelta(days=endpoints.REPLAY_DAYS):
            words = _("A time of the last %(days)d days, please.") % {"days": endpoints.REPLAY_DAYS}
            raise ValidationError(words)
        return given


def _send_test(endpoint: Endpoint, _data: dict[str, Any], _actor: Actor) -> Shown:
    return Shown("desk/endpoint_trial.html", {"trial": try_endpoint(endpoint), "endpoint": endpoint})


def _pause(endpoint: Endpoint, _data: dict[str, Any], _actor: Actor) -> str:
    if not endpoints.pause(endpoint):
        raise AlreadyPaused
    return _("Paused. Messages wait until you resume; nothing is given up meanwhile.")


def _resume(endpoint: Endpoint, _data: dict[str, Any], _actor: Actor) -> str:
    count = endpoints.resume(endpoint)
    return ngettext(
        "It goes on: %(count)d message is sent now.", "It goes on: %(count)d messages are sent now.", count
    ) % {"count": count}


def _replay(endpoint: Endpoint, data: dict[str, Any], _actor: Actor) -> Shown | str:
    since, delivered_too = data["since"], data["delivered_too"]
    if not data["confirmed"]:
        count = endpoints.missed_since(endpoint, since, delivered_too=delivered_too)
        most = endpoints.REPLAY_MOST
        context = {"endpoint": endpoint, "count": min(count, most), "is_more": count > most, "most": most}
        context |= {"since": since, "delivered_too": delivered_too, "zone": endpoint.dealership.zone}
        return Shown("desk/replay_confirm.html", context, is_question=True)
    count = endpoints.replay_since(endpoint, since, delivered_too=delivered_too)
    return ngettext(
        "%(count)d message is sent again, with the same id and body.",
        "%(count)d messages are sent again, with the same ids and bodies.",
        count,
    ) % {"count": count}


def _rotate(endpoint: Endpoint, _data: dict[str, Any], _actor: Actor) -> ShownOnce:
    """A new secret; messages are signed with both for a day."""
    return ShownOnce(endpoints.rotate_secret(endpoint))


def _end_previous(endpoint: Endpoint, _data: dict[str, Any], _actor: Actor) -> str:
    endpoints.end_previous_secret(endpoint)
    return _("Messages are signed with the new secret alone.")


def _revoke(key: DealerKey, _data: dict[str, Any], _actor: Actor) -> str:
    DealerKey.objects.filter(pk=key.pk).update(revoked=True)
    return _("The key no longer opens anything.")


ENDPOINT_VERBS = (
    Verb(
        name="test",
        label=_lazy("Send a test message"),
        parts=MANAGERS,
        may=lambda endpoint: True,
        run=_send_test,
        is_main=True,
    ),
    Verb(
        name="pause",
        label=_lazy("Pause"),
        parts=MANAGERS,
        may=lambda endpoint: endpoint.paused_at is None,
        run=_pause,
        refusals=(AlreadyPaused,),
    ),
    Verb(
        name="resume",
        label=_lazy("Resume now"),
        parts=MANAGERS,
        may=lambda endpoint: endpoint.paused_at is not None or endpoint.open_until is not None,
        run=_resume,
    ),
    Verb(
        name="replay",
        label=_lazy("Send again since"),
        parts=MANAGERS,
        may=lambda endpoint: endpoint.is_enabled,
        run=_replay,
        form=ReplayForm,
    ),
    Verb(
        name="rotate",
        label=_lazy("New secret"),
        parts=MANAGERS,
        may=lambda endpoint: endpoint.uses_http,
        run=_rotate,
    ),
    Verb(
        name="end-previous",
        label=_lazy("End the old secret"),
        parts=MANAGERS,
        may=lambda endpoint: bool(endpoint.previous_secret),
        run=_end_previous,
        is_grave=True,
    ),
)

KEY_VERBS = (
    Verb(
        name="revoke",
        label=_lazy("Revoke"),
        parts=MANAGERS,
        may=lambda key: not key.revoked,
        run=_revoke,
        is_grave=True,
    ),
)
