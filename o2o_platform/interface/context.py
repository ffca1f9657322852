"""What every template may ask about the site it is on."""

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import get_language

from o2o_platform.interface.cities import read_city
from o2o_platform.interface.shops import current_shop


def is_development() -> bool:
    """Whether pages made for builders, such as the gallery, may be shown."""
    return settings.DEVELOPMENT


def site_name() -> str:
    """The platform's name in the language in force, or the brand's in its shop."""
    if shop := current_shop():
        return shop.label
    chinese = (get_language() or "").startswith("zh")
    return settings.SITE_NAME_ZH if chinese else settings.SITE_NAME


def site(request: HttpRequest) -> dict[str, object]:
    """Name, mode flags and the visitor's city; reads settings and one cookie, never the database."""
    return {
        "site_name": site_name(),
        "demo_mode": is_development(),
        "development": is_development(),
        "current_city": read_city(request),
        "shop": current_shop(),
    }
