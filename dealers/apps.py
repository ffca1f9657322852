from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DealersConfig(AppConfig):
    name = "dealers"
    verbose_name = _("Dealers")

    def ready(self) -> None:
        from o2o_platform.outbox.channels import register

        from .channels import LeadEmailChannel, WebhookChannel

        register("webhook", WebhookChannel())
        register("adf_email", LeadEmailChannel())
