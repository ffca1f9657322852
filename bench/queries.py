"""How many SQL statements pages need: addresses with cookies as JSON on stdin, counts as JSON on stdout."""

from bench import world  # noqa: F401, I001 - sets Django up before anything else

import json
import sys

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext


def count_queries(path: str, cookies: str) -> int:
    """By a visitor who is new each time, in a process that has served before."""
    with CaptureQueriesContext(connection) as asked:
        response = Client(SERVER_NAME="127.0.0.1", HTTP_COOKIE=cookies, HTTP_ACCEPT_LANGUAGE="zh-CN").get(path)
    if response.status_code != 200:
        raise RuntimeError(f"{response.status_code} for {path}")
    return len(asked)


if __name__ == "__main__":
    pages = json.load(sys.stdin)
    for path, cookies in pages[:5]:
        count_queries(path, cookies)
    json.dump([count_queries(path, cookies) for path, cookies in pages], sys.stdout)
