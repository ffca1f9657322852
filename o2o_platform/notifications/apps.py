from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class NotificationsConfig(AppConfig):
    name = "o2o_platform.notifications"
    label = "notifications"
    verbose_name = _("Messages")

    def ready(self) -> None:
        from o2o_platform.accounts import garage
        from o2o_platform.outbox.channels import register

        from . import kinds, personal, samples
        from .channels import EmailChannel, SmsChannel
        from .history import load_section

        register("email", EmailChannel())
        register("sms", SmsChannel())
        personal.register_holdings()
        garage.register("messages", "notifications/_garage.html", load_section, rank=2)
        kinds.declare(
            "sign_in_code",
            _("Sign-in code"),
            category=kinds.Category.ACCOUNT,
            sample=samples.sign_in_code,
            waits=False,
        )
