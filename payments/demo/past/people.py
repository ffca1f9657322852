"""Buyers of the past: invented names, numbers nobody has, addresses of example.com."""

from __future__ import annotations

import datetime as dt
from random import Random

from o2o_platform.accounts.models import User

PHONES_FROM = 19_900_100_000
_SURNAMES = "王李张刘陈杨赵黄周吴徐孙马朱胡林郭何高罗郑梁谢宋唐许韩冯邓曹"
_GIVEN = (
    *("伟", "芳", "敏", "静", "磊", "洋", "艳", "勇", "杰", "娟", "涛", "明", "超", "霞", "平", "刚", "丽", "鹏"),
    *("秀英", "晓东", "雨桐", "子涵", "思远", "浩然", "梓萱", "建国", "志强", "婷婷", "佳怡", "俊杰", "海燕", "文博"),
)
_NAMES = {
    "DE": (
        ("Anna", "Jonas", "Lena", "Paul", "Mia", "Felix", "Clara", "Lukas", "Sophie", "Ben", "Marie", "Tim"),
        ("Weber", "Keller", "Hoffmann", "Brandt", "Schulz", "Vogel", "Krüger", "Busch", "Lorenz", "Sommer"),
    ),
    "PL": (
        ("Marta", "Piotr", "Tomasz", "Ewa", "Jan", "Zofia", "Kacper", "Hanna", "Adam", "Iga"),
        ("Nowak", "Wrona", "Mazur", "Lis", "Kubiak", "Duda", "Zając", "Sikora", "Bąk", "Wilk"),
    ),
}
_LANGUAGES = {"CN": "zh-hans", "DE": "de", "PL": "pl"}


def make_buyer(market: str, number: int, joined_at: dt.datetime, random: Random, languages: frozenset[str]) -> User:
    """An unsaved buyer of a market; reads the market's language where the site speaks it, else English."""
    language = _LANGUAGES.get(market, "en")
    fields = {
        "password": "!",
        "language": language if language in languages else "en",
        "date_joined": joined_at,
    }
    if market == "CN":
        name = random.choice(_SURNAMES) + random.choice(_GIVEN)
        return User(name=name, phone=f"+86{PHONES_FROM + number}", phone_verified=True, **fields)
    first, last = (random.choice(names) for names in _NAMES[market])
    return User(name=f"{first} {last}", email=f"buyer{number}.{market.lower()}@example.com", **fields)
