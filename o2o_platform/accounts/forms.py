"""Who you are, the code, the staff's password, and the profile."""

import unicodedata
from typing import Any

from allauth.account.fields import EmailField, PasswordField
from allauth.account.forms import ConfirmLoginCodeForm, LoginForm
from django import forms
from django.conf import settings
from django.utils.text import capfirst
from django.utils.translation import get_language_info
from django.utils.translation import gettext_lazy as _

from o2o_platform.accounts.identifiers import LONGEST, Identifier
from o2o_platform.accounts.models import User


class IdentifierForm(forms.Form):
    login = forms.CharField(
        label=_("Phone number or e-mail"),
        max_length=LONGEST,
        widget=forms.TextInput(
            attrs={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false", "autofocus": True}
        ),
        error_messages={"required": _("Enter your phone number or e-mail address.")},
    )

    def clean_login(self) -> Identifier:
        return Identifier.parse(self.cleaned_data["login"])


class CodeForm(ConfirmLoginCodeForm):
    code = forms.CharField(
        label=_("6-digit code"),
        max_length=12,
        widget=forms.TextInput(
            attrs={
                "autocomplete": "one-time-code",
                "inputmode": "numeric",
                "maxlength": "7",
                "class": "code-input",
                "data-code": "6",
                "autofocus": True,
            }
        ),
        error_messages={"required": _("Enter the code we sent you.")},
    )

    def clean_code(self) -> str:
        """Compare it with the one sent; full-width digits count as digits."""
        self.cleaned_data["code"] = unicodedata.normalize("NFKC", self.cleaned_data["code"])
        return super().clean_code()


class StaffLoginForm(LoginForm):
    """allauth's password sign-in with its limits, by e-mail only."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"] = EmailField(label=_("E-mail"))
        self.fields["login"].widget.attrs |= {"autocomplete": "username", "autofocus": True}
        for field in self.fields.values():
            field.widget.attrs.pop("placeholder", None)
        self.order_fields(["login", "password"])

    def _setup_password_field(self) -> None:
        """Keep the password field, which allauth drops where signing up asks for none."""
        self.fields["password"] = PasswordField(label=_("Password"), autocomplete="current-password")


class ProfileForm(forms.ModelForm):
    name = forms.CharField(
        label=_("Your name"), max_length=80, required=False, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    language = forms.ChoiceField(
        label=_("Language"),
        choices=[(code, capfirst(get_language_info(code)["name_local"])) for code, _name in settings.LANGUAGES],
    )

    class Meta:
        model = User
        fields = ("name", "language")
