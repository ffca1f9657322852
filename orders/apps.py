from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OrdersConfig(AppConfig):
    name = "orders"
    verbose_name = _("Orders")

    def ready(self) -> None:
        from catalog.offered import register_told
        from dealers import booked
        from o2o_platform.interface import addresses, problems
        from o2o_platform.waiting import clock

        from .attribution import name_advisor
        from .exceptions import KeyReused, OrderError
        from .integrity import register_checks
        from .integrity_direct import register_direct_checks
        from .message_kinds import declare_all
        from .message_kinds_direct import declare_direct
        from .personal import register_holdings
        from .services.gating import market_of
        from .tasks import tell_interested
        from .views_drive import link_booked
        from .voucher_kinds import declare_vouchers

        _fill_garage()
        register_told(tell_interested.delay)
        clock.register_market(market_of)
        booked.register(link_booked)
        booked.register(name_advisor)
        problems.register(OrderError, 409, OrderError.code)
        problems.register(KeyReused, 422, KeyReused.code)
        addresses.register_public("orders:festivals")
        addresses.register_public("orders:festival")
        register_checks()
        register_direct_checks()
        register_holdings()
        declare_all()
        declare_direct()
        declare_vouchers()


def _fill_garage() -> None:
    """What buyers find of their orders among their own things."""
    from o2o_platform.accounts import garage

    from .order_page import orders_of
    from .quote_page import quotes_of
    from .views_interest import interests_of
    from .views_trade_in import trade_ins_of
    from .views_voucher import vouchers_of

    garage.register("orders", "orders/_garage.html", orders_of)
    garage.register("trade-ins", "orders/_garage_trade_ins.html", trade_ins_of)
    garage.register("interests", "orders/_garage_interests.html", interests_of)
    garage.register("quotes", "orders/_garage_quotes.html", quotes_of)
    garage.register("vouchers", "vouchers/_garage.html", vouchers_of)
