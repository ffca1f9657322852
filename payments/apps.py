from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop


class PaymentsConfig(AppConfig):
    name = "payments"
    verbose_name = _("Payments")

    def ready(self) -> None:
        from o2o_platform.interface import problems
        from o2o_platform.notifications.kinds import Category, declare
        from orders.message_kinds import refund_sample

        from .integrity import register_checks
        from .personal import register_holdings
        from .providers.base import ProviderUnavailable

        text = gettext_noop("The payment service can't be reached. Try again in a minute.")
        problems.register(ProviderUnavailable, 503, "provider_unavailable", text)
        register_checks()
        register_holdings()
        declare("refund_succeeded", _("Refund sent"), category=Category.ORDERS, sample=refund_sample)
        declare("compensation_paid", _("Compensation sent"), category=Category.ORDERS, sample=refund_sample)
