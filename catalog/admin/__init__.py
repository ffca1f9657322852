"""The catalogue and the stock at the desk: the catalogue is the platform's, cars in stock are a dealership's own."""

from .campaigns import CampaignAdmin
from .imports import VehicleImportAdmin
from .photos import PhotoAdmin
from .prices import FinancePlanAdmin, OfferAdmin, PriceRuleAdmin
from .stock import StockUnitAdmin
from .stores import BrandStoreAdmin, CityReleaseAdmin
from .vehicles import BrandAdmin, ColourAdmin, OptionAdmin, TrimAdmin, VehicleModelAdmin

__all__ = [
    "BrandAdmin",
    "BrandStoreAdmin",
    "CampaignAdmin",
    "CityReleaseAdmin",
    "ColourAdmin",
    "FinancePlanAdmin",
    "OfferAdmin",
    "OptionAdmin",
    "PhotoAdmin",
    "PriceRuleAdmin",
    "StockUnitAdmin",
    "TrimAdmin",
    "VehicleImportAdmin",
    "VehicleModelAdmin",
]
