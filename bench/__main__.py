"""`make bench` (all) or `make bench T="reserve pages"`: writes bench/out/results.json and prints a table."""

from __future__ import annotations

import json
import os
import platform
import signal
import sys
from importlib import import_module
from pathlib import Path

NAMES = (
    "reserve",
    "deliveries",
    "pages",
    "http",
    "catalogue",
    "growth",
    "relevance",
    "imports",
    "desk",
    "slots",
    "festival",
    "start",
)
OUT = Path(__file__).parent / "out"


def main(names: list[str]) -> int:
    if unknown := set(names) - set(NAMES):
        print(f"No such benchmark: {', '.join(sorted(unknown))}. There are: {', '.join(NAMES)}.")
        return 2
    # Servers and databases made for a measurement are taken away also when it is stopped.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    # Not at the top: the load generator's process, which imports this module, has no Django in it.
    import_module("bench.world").prepare_database()
    rows, load_before = [], os.getloadavg()[0]
    for name in names or NAMES:
        print(f"# {name} …", file=sys.stderr)
        rows += import_module(f"bench.{name}").measure()
    OUT.mkdir(exist_ok=True)
    machine = {"machine": platform.machine(), "cores": os.cpu_count(), "load": [load_before, os.getloadavg()[0]]}
    document = {"python": platform.python_version()} | machine | {"figures": rows}
    (OUT / "results.json").write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    print_table(rows)
    return int(any(not row["met"] for row in rows))


def print_table(rows: list[dict]) -> None:
    head = ("figure", "measured", "limit", "ratio", "aim", "met", "cpu ms", "limit cpu ms")
    lines = [head] + [tuple(show(row[key]) for key in head) for row in rows]
    widths = [max(len(line[i]) for line in lines) for i in range(len(head))]
    for line in lines:
        print("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)))


def show(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "NO"
    if value is None:
        return "–"
    return f"{value:.2f}" if isinstance(value, float) else str(value)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
