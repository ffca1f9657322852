from .campaign import Campaign
from .finance import FinancePlan
from .photo import Photo
from .price import Offer, OfferQuerySet, PriceRule
from .saved import SavedCar, SavedSearch
from .sharing import SharedConfiguration
from .stock import Availability, Stage, StockUnit
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
    "Campaign",
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
    "Touch",
    "Trim",
    "VehicleImport",
    "VehicleModel",
]
