"""Addresses of cars, put together from one look-up each: a page names dozens."""

from __future__ import annotations

from functools import cache

from django.urls import reverse


@cache
def list_path() -> str:
    """The list of cars; models and trims are below it."""
    return reverse("catalog:list")


@cache
def reserve_path() -> str:
    return reverse("orders:reserve")


@cache
def dealers_path() -> str:
    """The dealerships, each below it by its code."""
    return reverse("dealers:list")


@cache
def _share_root() -> str:
    return reverse("catalog:share_model", args=["model"]).removesuffix("model.png")


def share_path(slug: str, code: str = "") -> str:
    """The picture of a model or trim."""
    return f"{_share_root()}{slug}/{code}.png" if code else f"{_share_root()}{slug}.png"


def model_path(slug: str) -> str:
    return f"{list_path()}{slug}/"


def trim_path(slug: str, code: str) -> str:
    return f"{list_path()}{slug}/{code}/"


def dealer_path(code: str) -> str:
    return f"{dealers_path()}{code}/"
