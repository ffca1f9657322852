from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class WaitingConfig(AppConfig):
    name = "o2o_platform.waiting"
    label = "waiting"
    verbose_name = _("Waiting room")

    def ready(self) -> None:
        from o2o_platform.interface import problems

        from .exceptions import NotYourTurn
        from .personal import register_holdings

        problems.register(NotYourTurn, 409, NotYourTurn.code)
        register_holdings()
