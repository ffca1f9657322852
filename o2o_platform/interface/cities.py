"""The visitor's city, kept in a cookie so that it works signed out and on cached pages."""

from urllib.parse import quote, unquote

from django.http import HttpRequest, HttpResponse

COOKIE = "city"
MAX_LENGTH = 60
ONE_YEAR = 365 * 24 * 3600


def clean_city(text: str) -> str:
    """A city name fit to show and to filter by: printable, one line, at most 60 characters."""
    printable = "".join(letter if letter.isprintable() else " " for letter in text)
    return " ".join(printable.split())[:MAX_LENGTH]


def read_city(request: HttpRequest) -> str:
    """The chosen city, or an empty string."""
    return clean_city(unquote(request.COOKIES.get(COOKIE, "")))


def write_city(response: HttpResponse, city: str) -> None:
    """Remember the city for a year; an empty name forgets it."""
    if city:
        response.set_cookie(COOKIE, quote(city), max_age=ONE_YEAR, samesite="Lax", httponly=True)
    else:
        response.delete_cookie(COOKIE, samesite="Lax")
