"""Addresses of cars, put together from one look-up each: a page names dozens."""

from __future__ import annotations

from functools import cache

from django.urls import get_script_prefix, reverse


def list_path() -> str:
    """The list of cars; models and trims are below it."""
    return _path("catalog:list", get_script_prefix())


def reserve_path() -> str:
    return _path("orders:reserve", get_script_prefix())


def dealers_path() -> str:
    """The dealerships, each below it by its code."""
    return _path("dealers:list", get_script_prefix())


@cache
def _path(name: str, _prefix: str) -> str:
    """By what addresses begin with, which differs from shop to shop."""
    return reverse(name)


@cache
def _share_root(_prefix: str) -> str:
    return reverse("catalog:share_model", args=["model"]).removesuffix("model.png")


def share_path(slug: str, code: str = "") -> str:
    """The picture of a model or trim."""
    root = _share_root(get_script_prefix())
    return f"{root}{slug}/{code}.png" if code else f"{root}{slug}.png"


def model_path(slug: str) -> str:
    return f"{list_path()}{slug}/"


def trim_path(slug: str, code: str) -> str:
    return f"{list_path()}{slug}/{code}/"


def dealer_path(code: str) -> str:
    return f"{dealers_path()}{code}/"
