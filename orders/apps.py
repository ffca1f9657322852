from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OrdersConfig(AppConfig):
    name = "orders"
    verbose_name = _("Orders")

    def ready(self) -> None:
        from o2o_platform.accounts import garage

        from .integrity import register_checks
        from .order_page import orders_of

        garage.register("orders", "orders/_garage.html", orders_of)
        register_checks()
