"""Receivers on loopback, well-behaved and otherwise."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field


@dataclass
class Peer:
    """What a receiver got: raw requests, and how many connections they came over."""

    port: int
    requests: list[bytes] = field(default_factory=list)
    connections: int = 0
    closing: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hooks"


Answer = Callable[[socket.socket, Peer], bool]


def reply(status: str, *, headers: str = "", body: bytes = b"ok") -> Answer:
    """Answer at once and keep the connection."""

    def answer(sock: socket.socket, peer: Peer) -> bool:
        sock.sendall(f"HTTP/1.1 {status}\r\n{headers}Content-Length: {len(body)}\r\n\r\n".encode() + body)
        return True

    return answer


def hang(sock: socket.socket, peer: Peer) -> bool:
    """Take the request and say nothing."""
    peer.closing.wait(120)
    return False


def drip(sock: socket.socket, peer: Peer) -> bool:
    """A byte of the headers every 50 ms: no single read is slow."""
    return _drip(sock, peer, b"HTTP/1.1 200 OK\r\nX-Pad: " + b"x" * 10_000)


def drip_body(sock: socket.socket, peer: Peer) -> bool:
    """Headers at once, then a byte of the body every 50 ms."""
    sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 10000\r\n\r\n")
    return _drip(sock, peer, b"x" * 10_000)


def _drip(sock: socket.socket, peer: Peer, data: bytes) -> bool:
    for byte in data:
        if peer.closing.wait(0.05):
            break
        sock.sendall(bytes([byte]))
    return False


def flood(sock: socket.socket, peer: Peer) -> bool:
    """A body of 1 GB, as fast as it is read."""
    sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n")
    for _ in range(1_000):
        sock.sendall(b"x" * 1_000_000)
    return False


def hang_up(sock: socket.socket, peer: Peer) -> bool:
    """Take the message, then close without an answer."""
    return False


def drip_tls(sock: socket.socket, peer: Peer) -> bool:
    """The beginning of a TLS record of 16 kB, then a byte every 50 ms: the handshake never ends."""
    sock.recv(65536)
    sock.sendall(b"\x16\x03\x03\x40\x00")
    return _drip(sock, peer, b"\x02" * 10_000)


class Inbox:
    """A receiver that keeps each message once, by its id, and whose first answers get lost on the way."""

    def __init__(self, *, answers_lost: int = 0) -> None:
        self.answers_lost = answers_lost
        self.kept: dict[str, bytes] = {}
        self.seen: list[str] = []

    def __call__(self, sock: socket.socket, peer: Peer) -> bool:
        head, _, body = peer.requests[-1].partition(b"\r\n\r\n")
        line = next(line for line in head.split(b"\r\n") if line.lower().startswith(b"webhook-id:"))
        message_id = line.split(b":")[1].strip().decode()
        self.seen.append(message_id)
        self.kept.setdefault(message_id, body)
        if len(self.seen) <= self.answers_lost:
            return False
        return reply("200 OK")(sock, peer)


@contextlib.contextmanager
def serve(answer: Answer, *, reads: bool = True) -> Iterator[Peer]:
    """A receiver that gives every request the same answer; without `reads` it answers the bare connection."""
    listener = socket.create_server(("127.0.0.1", 0))
    peer = Peer(listener.getsockname()[1])
    converse = _converse if reads else _speak_first
    threading.Thread(target=_accept, args=(listener, converse, answer, peer), daemon=True).start()
    try:
        yield peer
    finally:
        peer.closing.set()
        listener.close()


def _accept(listener: socket.socket, converse: Callable[..., None], answer: Answer, peer: Peer) -> None:
    while True:
        try:
            sock, _address = listener.accept()
        except OSError:
            return
        peer.connections += 1
        threading.Thread(target=converse, args=(sock, answer, peer), daemon=True).start()


def _converse(sock: socket.socket, answer: Answer, peer: Peer) -> None:
    with sock, contextlib.suppress(OSError):
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        while request := _read_request(sock):
            peer.requests.append(request)
            if not answer(sock, peer):
                return


def _speak_first(sock: socket.socket, answer: Answer, peer: Peer) -> None:
    with sock, contextlib.suppress(OSError):
        answer(sock, peer)


def _read_request(sock: socket.socket) -> bytes:
    data = b""
    while b"\r\n\r\n" not in data:
        chunk = sock.recv(65536)
        if not chunk:
            return b""
        data += chunk
    head, _, body = data.partition(b"\r\n\r\n")
    length = next(
        int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length")
    )
    while len(body) < length:
        body += sock.recv(65536)
    return head + b"\r\n\r\n" + body


def wait_until(condition: Callable[[], bool], *, seconds: float = 60.0) -> bool:
    """Whether `condition` came true in time."""
    ends_at = time.monotonic() + seconds
    while time.monotonic() < ends_at:
        if condition():
            return True
        time.sleep(0.01)
    return condition()
