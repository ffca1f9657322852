"""What people type to say who they are: a phone number by their market's habits, or an e-mail address."""

import unicodedata
from dataclasses import dataclass
from typing import Self

import phonenumbers
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext_lazy as _

from o2o_platform.accounts.models import User

LONGEST = 254


@dataclass(frozen=True)
class Identifier:
    """Exactly one of the two is set: a number in E.164 form, or an address in lower case."""

    phone: str = ""
    email: str = ""

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read what was typed; raises ValidationError. A bare number belongs to `DEFAULT_MARKET`."""
        text = unicodedata.normalize("NFKC", text).strip()
        if "@" in text:
            try:
                validate_email(text)
            except ValidationError as error:
                raise ValidationError(_("Check the e-mail address."), code="email") from error
            return cls(email=text.lower())
        return cls(phone=normalise_phone(text))

    @property
    def key(self) -> str:
        """What rates are counted by."""
        return self.phone or self.email

    def find_user(self) -> User | None:
        if self.phone:
            return User.objects.filter(phone=self.phone).first()
        return User.objects.with_email(self.email).first()

    def find_or_create_user(self, *, language: str) -> User:
        """The person; call it only after the code proved the number or address theirs."""
        if user := self.find_user():
            return user
        lookup = {"phone": self.phone} if self.phone else {"email": self.email}
        user, _created = User.objects.get_or_create(
            **lookup, defaults={"language": language, "password": make_password(None)}
        )
        return user


def normalise_phone(text: str) -> str:
    """E.164 form of a number typed in any habit of `DEFAULT_MARKET` or with its country code."""
    try:
        number = phonenumbers.parse(text, settings.DEFAULT_MARKET)
    except phonenumbers.NumberParseException:
        number = None
    if number is None or not phonenumbers.is_valid_number(number):
        raise ValidationError(
            _("Check the phone number. For numbers abroad, begin with + and the country."), code="phone"
        )
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
