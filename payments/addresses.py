"""Addresses on our own site, by whatever name the visitor reached it."""

from django.conf import settings


def stay_on_host(url: str) -> str:
    """The path alone when `url` is ours, so that a visitor of localhost stays there with their session.

    A form may also only lead on to the host it came from (`form-action` of the content policy).
    """
    return url.removeprefix(settings.SITE_URL) if url.startswith(f"{settings.SITE_URL}/") else url
