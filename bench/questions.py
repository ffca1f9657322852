"""What visitors ask: filters, words and addresses without end, none twice, the same for the same seed."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from itertools import islice
from random import Random
from urllib.parse import quote, urlencode

from bench import load
from bench.volume import MARKET, SEED

CITIES = ("beijing", "shanghai", "guangzhou", "shenzhen", "chengdu", "hangzhou", "wuhan", "xian", "baoding", "qingdao")
VALUES: dict[str, tuple[str, ...]] = {
    "body": ("suv", "sedan", "hatchback", "mpv", "coupe", "wagon", "pickup", "city_car"),
    "energy": ("petrol", "bev", "phev", "erev", "hev", "mhev", "diesel"),
    "price": ("0-100000", "100000-150000", "150000-200000", "200000-300000", "300000-500000", "500000-"),
    "seats": ("4", "5", "6", "7"),
    "drive": ("fwd", "rwd", "awd"),
    "gearbox": ("manual", "automatic", "dct", "cvt", "single"),
    "range": tuple(f"{cycle}-{low}" for cycle in ("cltc", "nedc") for low in (0, 300, 400, 500, 600, 700)),
    "consumption": tuple(f"{cycle}-{low}" for cycle in ("wltc", "nedc") for low in (0, 5, 6, 7, 9)),
    "power": ("0", "75", "110", "150", "220", "300"),
    "size": ("0", "4000", "4300", "4600", "4900"),
    "year": tuple(str(year) for year in range(2014, 2027)),
    "stock": ("any", *CITIES),
    "near": ("50", "100", "200", "500"),
    "delivery": ("in_store", "in_transit", "in_build", "to_order"),
}
SORTS = ("", "", "", "newest", "price", "-price", "power", "range-cltc", "nearest")
VIEWS = ("models",) * 8 + ("trims", "stock")
COOKIE = f"city={quote('北京')}"
_WORDS = (
    "SUV",
    "轿车",
    "纯电",
    "混动",
    "7座",
    "六座",
    "四驱",
    "20万以内",
    "15万左右",
    "under 200k",
    "electric",
    "awd",
    "MPV",
)


def list_requests(seed: int | str) -> Iterator[bytes]:
    """Pages of the list with one to four filters: mostly models, a tenth trims, a tenth cars in stock."""
    return (load.get(path, cookies=cookies) for path, cookies in list_questions(seed))


def list_questions(seed: int | str) -> Iterator[tuple[str, str]]:
    """Address and cookies of each."""
    pick, seen = Random(f"filters {seed}"), set()
    while True:
        path = f"/cars/?{urlencode(_pick_filters(pick))}"
        if path not in seen:
            seen.add(path)
            # Distances need a city to count from.
            yield path, COOKIE if "near=" in path or "sort=nearest" in path or pick.random() < 0.3 else ""


def _pick_filters(pick: Random) -> list[tuple[str, str]]:
    pairs: list[tuple[str, str]] = []
    for facet in pick.sample((*VALUES, "brand"), pick.choice((1, 2, 2, 3, 3, 4))):
        values = VALUES.get(facet) or tuple(slug for slug, _ in makes())[:80]
        pairs += [(facet, value) for value in sorted(pick.sample(values, pick.choice((1, 1, 1, 2))))]
    if pick.random() < 0.2:
        low = pick.randrange(30, 300) * 1000
        pairs += [("price_from", str(low)), ("price_to", str(low + pick.randrange(20, 200) * 1000))]
    view, sort = pick.choice(VIEWS), pick.choice(SORTS)
    pairs += [("view", view)] * (view != "models") + [("sort", sort)] * bool(sort)
    return pairs + [("page", "2")] * (pick.random() < 0.1)


def search_requests(seed: int | str) -> Iterator[bytes]:
    """Pages of the list for what people type: names in both scripts, misspelt, with and without other words."""
    return (load.get(path) for path in search_questions(seed))


def search_questions(seed: int | str) -> Iterator[str]:
    """Address of each."""
    return (f"/cars/?{urlencode({'q': words})}" for words in typed_words(seed))


def suggest_requests(seed: int | str) -> Iterator[bytes]:
    """What the search box asks while a name is being typed."""
    pick, seen = Random(f"suggest {seed}"), set()
    for words in typed_words(f"suggest {seed}"):
        begun = words[: pick.randint(1, max(1, len(words) - 1))].strip()
        if begun and begun not in seen:
            seen.add(begun)
            yield load.get(f"/cars/suggest/?{urlencode({'q': begun})}")


def typed_words(seed: int | str) -> Iterator[str]:
    """Different texts, mostly with a name in them."""
    pick, seen = Random(f"words {seed}"), set()
    names = _names()
    while True:
        make, line = pick.choice(names)
        name = pick.choice((make[0], make[1], f"{make[0]} {line[0]}", f"{make[1]}{line[1]}", line[1], line[0]))
        draw = pick.random()
        if draw < 0.25:
            name = _misspell(pick, name)
        words = (
            name if draw < 0.6 else f"{name} {pick.choice(_WORDS)}" if draw < 0.9 else " ".join(pick.sample(_WORDS, 2))
        )
        if words not in seen:
            seen.add(words)
            yield words


def _misspell(pick: Random, text: str) -> str:
    """A letter left out, or two swapped."""
    if len(text) < 5:
        return text.lower()
    place = pick.randrange(1, len(text) - 1)
    swapped = text[:place] + text[place + 1] + text[place] + text[place + 2 :]
    return pick.choice((text[:place] + text[place + 1 :], swapped))


def model_requests(seed: int | str) -> Iterator[bytes]:
    """Pages of different models."""
    return (load.get(path) for path in _shuffled([f"/cars/{slug}/" for slug, _ in _lines()], seed))


def trim_requests(seed: int | str) -> Iterator[bytes]:
    """Pages of different trims."""
    return (load.get(path) for path in _shuffled([f"/cars/{slug}/{code}/" for slug, code in _lines()], seed))


def limit_requests(seed: int | str) -> Iterator[bytes]:
    """The limit page from ever other prices."""
    pick = Random(f"limit {seed}")
    while True:
        yield load.get(f"/?from={pick.randrange(30_000, 480_000)}")


def makes() -> list[tuple[str, str]]:
    """Slug and name of the generated makes, large ones first."""
    from orders.volume.lines import makes

    return [(make.slug, make.name.latin) for make in makes()]


@lru_cache(maxsize=1)
def _lines(count: int = 300) -> list[tuple[str, str]]:
    """Slugs of generated models, each with the code of one of its trims."""
    from orders.volume.cars import generate_cars
    from orders.volume.lines import generate_lines

    pick = Random("trims")
    lines = islice(generate_lines(seed=SEED, market=MARKET), count)
    return [(line.slug, pick.choice(generate_cars(line, seed=SEED, market=MARKET)).code) for line in lines]


@lru_cache(maxsize=1)
def _names(count: int = 300) -> list[tuple[tuple[str, str], tuple[str, str]]]:
    """Names of makes and models, Latin and Chinese."""
    from orders.volume.lines import generate_lines

    lines = islice(generate_lines(seed=SEED, market=MARKET), count)
    return [(tuple(line.make.name), tuple(line.name)) for line in lines]


def _shuffled(paths: list[str], seed: int | str) -> Iterator[str]:
    Random(f"pages {seed}").shuffle(paths)
    return iter(paths)
