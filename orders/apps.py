from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OrdersConfig(AppConfig):
    name = "orders"
    verbose_name = _("Orders")

    def ready(self) -> None:
        from o2o_platform.interface.problems import register

        from .exceptions import KeyReused, OrderError

        register(OrderError, 409, OrderError.code)
        register(KeyReused, 422, KeyReused.code)
