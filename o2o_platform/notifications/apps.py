from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class NotificationsConfig(AppConfig):
    name = "o2o_platform.notifications"
    label = "notifications"
    verbose_name = _("Messages")

    def ready(self) -> None:
        from o2o_platform.outbox.channels import register

        from .channels import EmailChannel, SmsChannel

        register("email", EmailChannel())
        register("sms", SmsChannel())
