"""Admin classes of other packages are taken away: they know nothing of dealerships."""

from django.apps import apps
from django.contrib import admin

ELSEWHERE = (
    "auth.Group",
    "account.EmailAddress",
    "account.EmailConfirmation",
    "mfa.Authenticator",
    "rest_framework_api_key.APIKey",
)

for _label in ELSEWHERE:
    if admin.site.is_registered(_model := apps.get_model(_label)):
        admin.site.unregister(_model)
