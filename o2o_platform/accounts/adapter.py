"""How allauth finds people by phone and checks their passwords."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import get_authentication_records
from allauth.core import context
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from o2o_platform.accounts import codes
from o2o_platform.accounts.identifiers import Identifier
from o2o_platform.accounts.models import User

QUIET_MESSAGES = frozenset({"account/messages/logged_in.txt", "account/messages/logged_out.txt"})


class AccountAdapter(DefaultAccountAdapter):
    """Accounts are made by signing in; there is no separate sign-up."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "incorrect_code": _("That is not the code we sent. Check it and try again."),
        "email_password_mismatch": _("The e-mail address or the password is wrong."),
        "too_many_login_attempts": _("Too many tries. Wait some minutes, then try again."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def add_message(
        self,
        request: HttpRequest,
        level: int,
        message_template: str | None = None,
        message_context: dict[str, Any] | None = None,
        extra_tags: str = "",
        message: str | None = None,
    ) -> None:
        """Say nothing where the page says it already."""
        if message_template not in QUIET_MESSAGES:
            super().add_message(request, level, message_template, message_context, extra_tags, message)

    def get_phone(self, user: User) -> tuple[str, bool] | None:
        return (str(user.phone), user.phone_verified) if user.phone else None

    def get_user_by_phone(self, phone: str) -> User | None:
        return User.objects.filter(phone=phone).first()

    def set_phone(self, user: User, phone: str, verified: bool) -> None:
        user.phone, user.phone_verified = phone, verified
        user.save(update_fields=["phone", "phone_verified"])

    def set_phone_verified(self, user: User, phone: str) -> None:
        if not user.phone_verified:
            self.set_phone(user, phone, True)

    def send_verification_code_sms(self, user: User, phone: str, code: str, **kwargs: Any) -> None:
        codes.send_code(Identifier(phone=phone), code, language=user.language)

    def reauthenticate(self, user: User, password: str) -> bool:
        """Check the password again; failures count against the same limits as signing in."""
        found = self.authenticate(context.request, email=user.email, password=password)
        return found is not None and found.pk == user.pk

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        if signed_in_with_password(request) and request.user.is_staff:
            return reverse("admin:index")
        return super().get_login_redirect_url(request)


def signed_in_with_password(request: HttpRequest) -> bool:
    """Whether this session was opened with a password (and a second factor, where there is one)."""
    return any(record["method"] == "password" for record in get_authentication_records(request, request.user))


def signed_in_by_code_alone(request: HttpRequest) -> bool:
    records = get_authentication_records(request, request.user)
    return bool(records) and not any(record["method"] == "password" for record in records)
