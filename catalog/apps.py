from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CatalogConfig(AppConfig):
    name = "catalog"
    verbose_name = _("Catalogue")

    def ready(self) -> None:
        from o2o_platform.accounts import garage

        from . import addresses, garages, message_kinds, personal, sitemap

        addresses.register_pages()
        personal.register_holdings()
        message_kinds.declare_all()
        sitemap.register_sections()
        garage.register("saved-cars", "catalog/_saved_cars.html", garages.load_saved_cars, rank=1)
        garage.register("saved-searches", "catalog/_saved_searches.html", garages.load_saved_searches, rank=1)
