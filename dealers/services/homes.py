"""Test drives at the buyer's home: where that is, and whether the dealership comes so far."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from o2o_platform.markets.distance import distance_km

from ..exceptions import AddressMissing, NoHomeDrives, TooFarFromHouse
from ..models import Appointment, Dealership


@dataclass(frozen=True, slots=True)
class Home:
    """An address as typed, and WGS-84 degrees: of the buyer's device, else of the centre of their city."""

    address: str
    latitude: float
    longitude: float


def place_columns(dealership: Dealership, home: Home | None) -> dict[str, Any]:
    """The columns that say where. Raises NoHomeDrives, AddressMissing, TooFarFromHouse."""
    if home is None:
        return {"place": Appointment.Place.STORE}
    if not dealership.home_drive_radius_km:
        raise NoHomeDrives
    address = home.address.strip()
    if not address:
        raise AddressMissing
    away = distance_km(dealership.latitude, dealership.longitude, home.latitude, home.longitude)
    if not away <= dealership.home_drive_radius_km:
        raise TooFarFromHouse(away, dealership.home_drive_radius_km)
    return {
        "place": Appointment.Place.HOME,
        "address": address[:200],
        "latitude": home.latitude,
        "longitude": home.longitude,
    }
