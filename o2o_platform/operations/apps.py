from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop


class OperationsConfig(AppConfig):
    name = "o2o_platform.operations"
    label = "operations"
    verbose_name = _("Operations")

    def ready(self) -> None:
        from o2o_platform.operations import integrity, outbox_checks

        integrity.register(
            gettext_noop("Deliveries marked delivered without a successful attempt"),
            outbox_checks.count_unproven_deliveries,
        )
        integrity.register(
            gettext_noop("Deliveries overdue by more than an hour"), outbox_checks.count_overdue_deliveries
        )
