from .campaign import Campaign, CampaignQuota, CampaignStep
from .finance import FinancePlan
from .offered_in import CityRelease
from .photo import Photo
from .price import Offer, OfferQuerySet, PriceRule
from .saved import SavedCar, SavedSearch
from .sharing import SharedConfiguration
from .stock import Availability, Stage, StockUnit
from .store import BrandStore, StoreModel
from .terms import SearchTerm
from .touch import Touch
from .vehicle import (
    BodyType,
    Brand,
    Colour,
    ColourPrice,
    Drivetrain,
    EnergyType,
    Option,
    OptionPrice,
    RangeCycle,
    Trim,
    VehicleModel,
)
from .vehicle_import import VehicleImport

__all__ = [
    "Availability",
    "BodyType",
    "Brand",
    "BrandStore",
    "Campaign",
    "CampaignQuota",
    "CampaignStep",
    "CityRelease",
    "Colour",
    "ColourPrice",
    "Drivetrain",
    "EnergyType",
    "FinancePlan",
    "Offer",
    "OfferQuerySet",
    "Option",
    "OptionPrice",
    "Photo",
    "PriceRule",
    "RangeCycle",
    "SavedCar",
    "SavedSearch",
    "SearchTerm",
    "SharedConfiguration",
    "Stage",
    "StockUnit",
    "StoreModel",
    "Touch",
    "Trim",
    "VehicleImport",
    "VehicleModel",
]
