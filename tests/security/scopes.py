"""The kinds of scope a route can have, and who is a stranger to each."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpResponse
from django.test import Client

from dealers.models import DealerKey
from tests import factories

from .house import House

SIGN_IN = ("/accounts/login/", "/admin/login/")
Parts = Callable[[House], tuple[object, ...]]
Body = Callable[[House], dict[str, Any]]


def no_parts(house: House) -> tuple[object, ...]:
    return ()


@dataclass(frozen=True)
class Scope:
    """Whose a route is. `parts` fill its address for a house's row; `writes` are good bodies by method.

    `is_list` says that a stranger gets an answer, with none of the house's rows in it; `forged` are the parts
    of one who guesses an address that opens to its bearer; `refused` are the statuses of a refusal and
    `sends_back` the pages of one.
    """

    kind: str
    parts: Parts = no_parts
    writes: dict[str, Body] = field(default_factory=dict)
    reads: bool = True
    is_list: bool = False
    forged: Parts | None = None
    refused: frozenset[int] = frozenset({401, 403, 404})
    key_scopes: tuple[str, ...] = ()
    sends_back: tuple[str, ...] = SIGN_IN

    @property
    def methods(self) -> set[str]:
        return {*(("get", "head") if self.reads else ()), *self.writes}


@dataclass(frozen=True)
class Visitor:
    """Somebody at the door: a session or a key."""

    name: str
    client: Client

    def send(self, method: str, path: str, body: dict[str, Any]) -> HttpResponse:
        if method in ("get", "head", "options"):
            return getattr(self.client, method)(path, body)
        if method == "post" and not path.startswith("/api/"):
            return self.client.post(path, body)
        headers = {"idempotency-key": uuid.uuid4().hex}
        return getattr(self.client, method)(path, body, content_type="application/json", headers=headers)


def session(user: Any) -> Client:
    client = Client(headers={"accept-language": "en"}, raise_request_exception=False)
    client.force_login(user)
    return client


def system(key: str) -> Client:
    headers = {"accept-language": "en", "authorization": f"Api-Key {key}"}
    return Client(headers=headers, raise_request_exception=False)


def anonymous() -> Visitor:
    return Visitor("nobody", Client(headers={"accept-language": "en"}, raise_request_exception=False))


def owner(scope: Scope, house: House) -> Visitor:
    """Who the route is for."""
    if scope.kind == "dealer":
        return Visitor("own key", system(house.key(scopes=scope.key_scopes[:1])))
    if scope.kind == "advisor":
        return Visitor("own advisor", session(house.advisor))
    if scope.kind == "bearer":
        return anonymous()
    return Visitor("own buyer", session(house.buyer))


def strangers(scope: Scope, house: House, other: House) -> Iterator[Visitor]:
    """Everybody who comes near the row without being meant."""
    if scope.kind == "bearer":
        yield anonymous()
        yield Visitor("another buyer", session(other.buyer))
        return
    yield anonymous()
    yield Visitor("another dealership's manager", session(other.advisor))
    yield Visitor("another dealership's key", system(other.key()))
    if scope.kind == "dealer":
        yield Visitor("own key without the scope", system(house.key(scopes=other_scopes(scope))))
        yield Visitor("own key, revoked", system(house.key(revoked=True)))
        yield Visitor("own manager's session", session(house.advisor))
        yield Visitor("own buyer's session", session(house.buyer))
    else:
        yield Visitor("another buyer", session(other.buyer))
        yield Visitor("own key", system(house.key()))
    if scope.kind == "buyer":
        yield Visitor("own dealership's manager", session(house.advisor))
    if scope.kind == "advisor":
        yield Visitor("own buyer", session(house.buyer))
    if scope.kind in ("advisor", "buyer or advisor"):
        gone = factories.make_member(house.place, is_active=True)
        gone.memberships.update(is_active=False)
        yield Visitor("own advisor who left", session(gone))


def other_scopes(scope: Scope) -> list[str]:
    return [value for value in DealerKey.Scope.values if value not in scope.key_scopes]


def is_refusal(scope: Scope, method: str, response: HttpResponse) -> bool:
    """Whether a stranger got nothing: a refusal, the sign-in page, or a list without the row."""
    if response.status_code in (302, 303):
        return response["Location"].startswith(scope.sends_back)
    if method == "options" and response.status_code == 200:
        return True
    if scope.is_list and response.status_code in (200, 400):
        return True
    if method not in scope.methods and response.status_code == 405:
        return True
    return response.status_code in scope.refused
