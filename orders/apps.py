from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OrdersConfig(AppConfig):
    name = "orders"
    verbose_name = _("Orders")

    def ready(self) -> None:
        from dealers import booked
        from o2o_platform.accounts import garage
        from o2o_platform.interface import problems

        from .attribution import name_advisor
        from .exceptions import KeyReused, OrderError
        from .integrity import register_checks
        from .message_kinds import declare_all
        from .order_page import orders_of
        from .personal import register_holdings
        from .quote_page import quotes_of
        from .views_drive import link_booked
        from .views_trade_in import trade_ins_of

        garage.register("orders", "orders/_garage.html", orders_of)
        garage.register("trade-ins", "orders/_garage_trade_ins.html", trade_ins_of)
        garage.register("quotes", "orders/_garage_quotes.html", quotes_of)
        booked.register(link_booked)
        booked.register(name_advisor)
        problems.register(OrderError, 409, OrderError.code)
        problems.register(KeyReused, 422, KeyReused.code)
        register_checks()
        register_holdings()
        declare_all()
