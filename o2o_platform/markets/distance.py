"""Distances on the globe."""

from math import asin, cos, radians, sin, sqrt

EARTH_RADIUS_KM = 6371.0088


def distance_km(latitude: float, longitude: float, to_latitude: float, to_longitude: float) -> float:
    """Great-circle distance in km (haversine) between two points in degrees."""
    lat, to_lat = radians(latitude), radians(to_latitude)
    d_lat, d_lon = to_lat - lat, radians(to_longitude - longitude)
    h = sin(d_lat / 2) ** 2 + cos(lat) * cos(to_lat) * sin(d_lon / 2) ** 2
    return 2 * EARTH_RADIUS_KM * asin(sqrt(min(1.0, h)))
