"""Signing in by one-time code, for people we know and people we do not, with no difference to see."""

import time
from typing import Self

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login_by_code import LoginCodeVerificationProcess
from allauth.account.models import Login
from allauth.account.stages import LoginByCodeStage, LoginStageController
from allauth.core import ratelimit
from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language

from o2o_platform.accounts import codes
from o2o_platform.accounts.identifiers import Identifier
from o2o_platform.accounts.models import User


class CodeNotSent(Exception):
    """The SMS or e-mail adapter could not take the message."""


class TooManyCodes(Exception):
    """Another code was asked for too soon or too often."""


class CodeSignIn(LoginCodeVerificationProcess):
    """allauth's sign-in by code, where the account of a newcomer is made once the code proved their number.

    The same code goes out whether the number is known or not, so neither page nor message tells.
    """

    @classmethod
    def begin(cls, request: HttpRequest, identifier: Identifier) -> Self:
        """Send a code and remember the attempt in the session; raises TooManyCodes or CodeNotSent."""
        user = identifier.find_user()
        login = Login(user=user, email=identifier.email or None, phone=identifier.phone or None)
        login.state["stages"] = {"current": LoginByCodeStage.key}
        stage = LoginByCodeStage(LoginStageController(request, login), request, login)
        stage.state.update(cls.initial_state(user=user, email=identifier.email, phone=identifier.phone))
        stage.state["initiated_by_user"] = True
        process = cls(stage)
        process.send()
        process.persist()
        return process

    @classmethod
    def resume(cls, stage: LoginByCodeStage) -> Self | None:
        """The attempt the session remembers, or None once its code has expired."""
        return cls(stage).abort_if_invalid()

    @property
    def identifier(self) -> Identifier:
        return Identifier(phone=self.state.get("phone") or "", email=self.state.get("email") or "")

    @property
    def language(self) -> str:
        return self.user.language if isinstance(self.user, User) else get_language() or ""

    def send(self, skip_enumeration_mails: bool = False) -> None:
        for action in ("request_login_code", "send_login_code"):
            if not ratelimit.consume(self.request, action=action, key=self.identifier.key):
                raise TooManyCodes
        code = get_adapter().generate_login_code()
        if not codes.send_code(self.identifier, code, language=self.language):
            raise CodeNotSent
        self.state["code"] = code

    def resend(self) -> None:
        """A new code in place of the old one; wrong guesses keep counting."""
        self.send()
        self.state["at"] = time.time()
        self.record_resend()
        self.persist()

    def may_guess(self) -> bool:
        """Count a guess against the number and the address it comes from, over all their sessions."""
        return ratelimit.consume(self.request, action="confirm_login_code", key=self.identifier.key)

    def finish(self, redirect_url: str | None) -> HttpResponse:
        self.stage.login.user = self._user = self.identifier.find_or_create_user(language=get_language() or "")
        ratelimit.clear(self.request, action="send_login_code", key=self.identifier.key)
        return super().finish(redirect_url)
