"""A mail server on loopback, well-behaved and otherwise, with TLS on a certificate of its own."""

from __future__ import annotations

import contextlib
import datetime as dt
import socket
import ssl
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


@dataclass
class MailPeer:
    """What it got, and how it answers: a line per command that is not to be answered 250."""

    port: int = 0
    answers: dict[str, str] = field(default_factory=dict)
    commands: list[str] = field(default_factory=list)
    letters: list[str] = field(default_factory=list)
    was_encrypted: list[bool] = field(default_factory=list)
    drips: bool = False
    hangs_at_farewell: bool = False
    tls: ssl.SSLContext | None = None
    starts_encrypted: bool = False
    closing: threading.Event = field(default_factory=threading.Event)


@contextlib.contextmanager
def serve(peer: MailPeer) -> Iterator[MailPeer]:
    listener = socket.create_server(("127.0.0.1", 0))
    peer.port = listener.getsockname()[1]
    threading.Thread(target=_accept, args=(listener, peer), daemon=True).start()
    try:
        yield peer
    finally:
        peer.closing.set()
        listener.close()


def _accept(listener: socket.socket, peer: MailPeer) -> None:
    while True:
        try:
            sock, _address = listener.accept()
        except OSError:
            return
        threading.Thread(target=_converse, args=(sock, peer), daemon=True).start()


def _converse(sock: socket.socket, peer: MailPeer) -> None:
    with contextlib.suppress(OSError), contextlib.closing(_Talk(sock, peer)) as talk:
        talk.hold()


class _Talk:
    def __init__(self, sock: socket.socket, peer: MailPeer) -> None:
        self.peer = peer
        self.sock = peer.tls.wrap_socket(sock, server_side=True) if peer.starts_encrypted else sock
        self.reader = self.sock.makefile("rb")

    def close(self) -> None:
        self.reader.close()
        self.sock.close()

    def say(self, line: str) -> None:
        data = f"{line}\r\n".encode()
        if not self.peer.drips:
            self.sock.sendall(data)
            return
        for byte in data:
            if self.peer.closing.wait(0.1):
                return
            self.sock.sendall(bytes([byte]))

    def hold(self) -> None:
        self.say("220 peer ready")
        while line := self.reader.readline().decode("utf-8", "replace").strip():
            command = line.split(" ")[0].upper()
            self.peer.commands.append(line)
            if command == "QUIT" and self.peer.hangs_at_farewell:
                self.peer.closing.wait(10)
            if command == "QUIT":
                self.say("221 bye")
                return
            self.answer(command)

    def answer(self, command: str) -> None:
        if command in self.peer.answers:
            self.say(self.peer.answers[command])
        elif command == "EHLO":
            offers = "STARTTLS" if self.peer.tls and not self.is_encrypted() else "AUTH PLAIN"
            self.say(f"250-peer\r\n250 {offers}")
        elif command == "STARTTLS":
            self.say("220 go on")
            self.sock = self.peer.tls.wrap_socket(self.sock, server_side=True)
            self.reader = self.sock.makefile("rb")
        elif command == "AUTH":
            self.say("235 welcome")
        elif command == "DATA":
            self.take_letter()
        else:
            self.say("250 fine")

    def is_encrypted(self) -> bool:
        return isinstance(self.sock, ssl.SSLSocket)

    def take_letter(self) -> None:
        self.say("354 go on")
        lines = []
        while (line := self.reader.readline()) not in (b".\r\n", b""):
            lines.append(line.decode("utf-8", "replace"))
        self.peer.letters.append("".join(lines))
        self.peer.was_encrypted.append(self.is_encrypted())
        self.say(self.peer.answers.get("LETTER", "250 taken"))


def make_certificate(folder: Path) -> tuple[ssl.SSLContext, Path]:
    """A server's context for 127.0.0.1, and the file that makes a client trust it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + dt.timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    trusted, secret = folder / "peer.pem", folder / "peer.key"
    trusted.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    secret.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(trusted, secret)
    return context, trusted
