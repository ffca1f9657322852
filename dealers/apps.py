from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop


class DealersConfig(AppConfig):
    name = "dealers"
    verbose_name = _("Dealers")

    def ready(self) -> None:
        from o2o_platform.accounts import garage
        from o2o_platform.interface import addresses, problems
        from o2o_platform.operations import integrity
        from o2o_platform.outbox.channels import register

        from . import checks, garages, message_kinds, personal, sitemap
        from .changes import CursorTooOld
        from .channels import LeadEmailChannel, LeadHttpChannel, WebhookChannel
        from .exceptions import DriveRefused, KeyReused, TooManyRequests

        register("webhook", WebhookChannel())
        register("adf_email", LeadEmailChannel())
        register("adf_http", LeadHttpChannel())
        addresses.register_public("dealers:list")
        addresses.register_public("dealers:detail")
        sitemap.register_sections()
        personal.register_holdings()
        message_kinds.declare_all()
        problems.register(DriveRefused, 409, "drive_refused")
        problems.register(KeyReused, 422, "idempotency_key_reused")
        problems.register(TooManyRequests, 429, "too_many_requests")
        too_old = gettext_noop("What came next is not kept any more. Read the lists again, from a new cursor on.")
        problems.register(CursorTooOld, 410, "cursor_too_old", too_old)
        garage.register("test-drives", "dealers/_garage.html", garages.load_test_drives)
        integrity.register(gettext_noop("Test drives sharing a demo car"), checks.count_shared_cars)
        integrity.register(gettext_noop("Test drives sharing an advisor"), checks.count_shared_advisors)
        integrity.register(gettext_noop("Test drives without an event"), checks.count_without_event)
        integrity.register(
            gettext_noop("Test drives whose last event is another status"), checks.count_wrong_last_event
        )
        integrity.register(gettext_noop("Confirmed test drives without an advisor"), checks.count_without_advisor)
