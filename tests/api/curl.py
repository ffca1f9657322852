"""The few switches of curl the documentation uses, for machines without it: -X, -H and -d (`@file` too)."""

import argparse
import sys
import urllib.error
import urllib.request
from pathlib import Path


def headers_of(told: list[str]) -> list[str]:
    """The headers as named, and those in files."""
    read = [Path(text[1:]).read_text().splitlines() if text.startswith("@") else [text] for text in told]
    return [line for lines in read for line in lines]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("-X", default="")
    parser.add_argument("-H", action="append", default=[])
    parser.add_argument("-d")
    parser.add_argument("url")
    told = parser.parse_args()
    text = told.d
    if text is not None and text.startswith("@"):
        text = Path(text[1:]).read_text().replace("\n", "")
    request = urllib.request.Request(  # noqa: S310 - the test's own server
        told.url,
        data=None if text is None else text.encode(),
        headers=dict(line.split(": ", 1) for line in headers_of(told.H)),
        method=told.X or ("GET" if text is None else "POST"),
    )
    try:
        with urllib.request.urlopen(request) as answer:  # noqa: S310
            status, body = answer.status, answer.read()
    except urllib.error.HTTPError as error:
        status, body = error.code, error.read()
    sys.stderr.write(body.decode(errors="replace"))
    sys.stdout.write(f"{status}\n")


main()
