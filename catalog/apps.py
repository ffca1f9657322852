from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CatalogConfig(AppConfig):
    name = "catalog"
    verbose_name = _("Catalogue")

    def ready(self) -> None:
        from o2o_platform.accounts import garage
        from o2o_platform.operations import warming

        from . import addresses, garages, message_kinds, personal, sitemap

        addresses.register_pages()
        warming.register(warm_lists)
        personal.register_holdings()
        message_kinds.declare_all()
        sitemap.register_sections()
        garage.register("saved-cars", "catalog/_saved_cars.html", garages.load_saved_cars, rank=1)
        garage.register("saved-searches", "catalog/_saved_searches.html", garages.load_saved_searches, rank=1)


def warm_lists() -> None:
    """Read the cars of every open market: a second or two per 100,000 trims, which no visitor should wait for."""
    from o2o_platform.markets.models import Market

    from .listing.fleet import cars_on_sale

    for market in Market.objects.filter(is_open=True):
        cars_on_sale(market)
