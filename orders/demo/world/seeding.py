"""The world in its order: cars and prices, law, shops, stock, what comes of them."""

from __future__ import annotations

from collections.abc import Sequence

from catalog.offered import announce_releases
from catalog.services.terms import refresh_terms
from dealers.models import Dealership

from . import doors, festival, law, prices, shops, showroom, units


def seed_world(dealerships: Sequence[Dealership]) -> None:
    """Add the four systems to the plain demonstration; what is there already stays as it is."""
    prices.seed_prices()
    law.seed_law()
    shops.seed_shops()
    refresh_terms()
    units.seed_units(dealerships, festival.festival_trims())
    units.seed_polish_demo_cars(dealerships)
    doors.seed_windows()
    festival.seed_festivals()
    showroom.seed_showrooms()
    announce_releases()
