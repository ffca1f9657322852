from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DocumentsConfig(AppConfig):
    name = "o2o_platform.documents"
    label = "documents"
    verbose_name = _("Documents")

    def ready(self) -> None:
        from django.utils.translation import gettext_noop

        from o2o_platform.operations import integrity

        from . import checks

        integrity.register(gettext_noop("Gaps in document numbers"), checks.count_gaps)
        integrity.register(gettext_noop("Documents whose content was changed"), checks.count_changed)
