"""Dealer systems sign in with a key of their dealership."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView
from rest_framework_api_key.permissions import KeyParser

from o2o_platform.journal.models import Actor, ActorKind

from ..models import DealerKey, Dealership


@dataclass(frozen=True)
class DealerSystem:
    """Whoever holds a key: acts for one dealership, within the key's scopes."""

    key: DealerKey
    is_authenticated = True

    @property
    def pk(self) -> str:
        return f"dealer-key-{self.key.prefix}"

    @property
    def dealership(self) -> Dealership:
        return self.key.dealership

    @property
    def actor(self) -> Actor:
        return Actor(ActorKind.DEALER_SYSTEM, label=self.key.name[:80])


class DealerKeyAuthentication(BaseAuthentication):
    """`Authorization: Api-Key …`; a revoked, expired or unknown key is 401."""

    def authenticate(self, request: Request) -> tuple[DealerSystem, DealerKey] | None:
        text = KeyParser().get(request)
        if not text:
            return None
        key = DealerKey.objects.get_usable_keys().select_related("dealership").filter(prefix=text.partition(".")[0][:8])
        found = key.first() if "\x00" not in text else None
        if found is None or found.has_expired or not found.is_valid(text) or not found.dealership.is_active:
            raise AuthenticationFailed(_("This key is not valid."))
        return DealerSystem(found), found

    def authenticate_header(self, request: Request) -> str:
        return "Api-Key"


class HasScope(BasePermission):
    """The key covers one of the view's `scopes`; people's sessions never do."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        scopes: Collection[str] = view.scopes  # type: ignore[attr-defined]
        return isinstance(request.user, DealerSystem) and not set(scopes).isdisjoint(request.user.key.scopes)


class DealerKeyScheme(OpenApiAuthenticationExtension):
    """How the schema describes the key."""

    target_class = DealerKeyAuthentication
    name = "DealerKey"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "apiKey", "in": "header", "name": "Authorization", "description": "Api-Key …"}
