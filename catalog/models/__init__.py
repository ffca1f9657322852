from .price import Offer, OfferQuerySet, PriceRule
from .stock import Availability, Stage, StockUnit
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

__all__ = [
    "Availability",
    "BodyType",
    "Brand",
    "Colour",
    "ColourPrice",
    "Drivetrain",
    "EnergyType",
    "Offer",
    "OfferQuerySet",
    "Option",
    "OptionPrice",
    "PriceRule",
    "RangeCycle",
    "Stage",
    "StockUnit",
    "Trim",
    "VehicleModel",
]
