from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DocumentsConfig(AppConfig):
    name = "o2o_platform.documents"
    label = "documents"
    verbose_name = _("Documents")

    def ready(self) -> None:
        from django.utils.translation import gettext_noop

        from o2o_platform.accounts import garage
        from o2o_platform.operations import integrity

        from . import checks
        from .personal import register_holdings
        from .services import papers_of

        integrity.register(gettext_noop("Gaps in document numbers"), checks.count_gaps)
        integrity.register(gettext_noop("Documents whose content was changed"), checks.count_changed)
        garage.register("documents", "documents/_garage.html", papers_of, rank=1)
        register_holdings()
