"""A cheap HTTP client: kept connections, one thread each, in a process that has no Django in it."""

from __future__ import annotations

import multiprocessing
import socket
import threading
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import cycle, islice
from typing import NamedTuple

CONNECTIONS = 8
# Requests on one connection: people come and go, and connections made at once may all be with one worker.
KEPT_FOR = 10


class Load(NamedTuple):
    """Answers by status, the seconds they took together, and each one's own."""

    statuses: Counter[int]
    elapsed: float
    waits: tuple[float, ...] = ()

    def rate(self, status: int) -> float:
        return self.statuses[status] / self.elapsed


def send(port: int, requests: Sequence[bytes], *, connections: int = CONNECTIONS) -> Load:
    """Send each request once."""
    context = multiprocessing.get_context("spawn")
    with context.Pool(1) as pool:
        return pool.apply(_send, (port, requests, connections))


def repeat(port: int, requests: Sequence[bytes], count: int, *, connections: int = CONNECTIONS) -> Load:
    """Send `count` requests, going round the given ones."""
    return send(port, list(islice(cycle(requests), count)), connections=connections)


def get(path: str, *, cookies: str = "") -> bytes:
    cookie = f"Cookie: {cookies}\r\n" if cookies else ""
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept-Language: zh-CN\r\n{cookie}\r\n".encode()


def _send(port: int, requests: Sequence[bytes], connections: int) -> Load:
    start = threading.Barrier(connections + 1)
    with ThreadPoolExecutor(connections) as pool:
        shares = [pool.submit(_send_share, port, requests[n::connections], start) for n in range(connections)]
        start.wait()
        began = time.perf_counter()
        answers = [answer for share in shares for answer in share.result()]
        elapsed = time.perf_counter() - began
    return Load(Counter(status for status, _ in answers), elapsed, tuple(wait for _, wait in answers))


def _send_share(port: int, requests: Sequence[bytes], start: threading.Barrier) -> list[tuple[int, float]]:
    """Status and seconds of each answer."""
    answers = []
    client = None
    start.wait()
    for number, request in enumerate(requests, 1):
        client = client or _connect(port)
        began = time.perf_counter()
        client.sendall(request)
        status, is_kept = _read_answer(client)
        answers.append((status, time.perf_counter() - began))
        if not is_kept or number % KEPT_FOR == 0:
            client.close()
            client = None
    if client:
        client.close()
    return answers


def _connect(port: int) -> socket.socket:
    client = socket.create_connection(("127.0.0.1", port), timeout=60)
    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return client


def _read_answer(client: socket.socket) -> tuple[int, bool]:
    """The status, and whether the connection stays open; the body is read and dropped."""
    received = b""
    while (end := received.find(b"\r\n\r\n")) < 0:
        received += _read(client)
    head = received[:end].lower()
    length = int(head.split(b"content-length:")[1].split(b"\r\n")[0])
    left = length - (len(received) - end - 4)
    while left > 0:
        left -= len(_read(client))
    return int(head[9:12]), b"connection: close" not in head


def _read(client: socket.socket) -> bytes:
    piece = client.recv(65536)
    if not piece:
        raise ConnectionError("the server hung up in the middle of an answer")
    return piece
