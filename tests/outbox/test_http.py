import socket
import time

import pytest

from o2o_platform.outbox import http

from . import peers


def call(url, *, deadline_s=5.0, allow_loopback=True, body=b'{"a":1}'):
    return http.post(url, body, {"webhook-id": "msg_1"}, deadline_s=deadline_s, allow_loopback=allow_loopback)


def resolve_to(monkeypatch, *answers):
    """Each look-up gets the next answer; the last one stays."""
    left = list(answers)

    def getaddrinfo(host, port, *args, **kwargs):
        address = left.pop(0) if len(left) > 1 else left[0]
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        return [(family, socket.SOCK_STREAM, 6, "", (address, port))]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)


@pytest.fixture
def dialled(monkeypatch):
    """The addresses sockets were really connected to."""
    seen = []
    connect = socket.socket.connect

    def record(self, address):
        seen.append(address[0])
        return connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", record)
    return seen


def test_answer_and_request_go_over_the_wire():
    with peers.serve(peers.reply("201 Created", headers="Retry-After: 7\r\n", body=b"thanks")) as peer:
        answer = call(peer.url)
    assert (answer.status, answer.body, answer.headers["retry-after"]) == (201, b"thanks", "7")
    assert peer.requests[0].startswith(b"POST /hooks HTTP/1.1")
    assert peer.requests[0].endswith(b'\r\n\r\n{"a":1}')


def test_connections_are_kept_alive():
    with peers.serve(peers.reply("200 OK")) as peer:
        for _ in range(5):
            call(peer.url)
    assert (len(peer.requests), peer.connections) == (5, 1)


def test_a_server_error_is_an_answer():
    with peers.serve(peers.reply("500 Oops")) as peer:
        assert call(peer.url).status == 500


def test_a_redirect_is_not_followed():
    with peers.serve(peers.reply("302 Found", headers="Location: http://169.254.169.254/\r\n")) as peer:
        assert call(peer.url).status == 302
    assert len(peer.requests) == 1


@pytest.mark.parametrize("behaviour", [peers.hang, peers.drip, peers.drip_body])
def test_the_deadline_is_for_the_whole_call(behaviour):
    with peers.serve(behaviour) as peer:
        began = time.monotonic()
        with pytest.raises(http.TooSlow):
            call(peer.url, deadline_s=0.5)
        assert time.monotonic() - began < 30


def test_a_gigabyte_is_not_read():
    with peers.serve(peers.flood) as peer:
        answer = call(peer.url)
    assert len(answer.body) == http.BODY_LIMIT


def test_a_peer_that_hangs_up_is_a_failure_and_the_next_call_works():
    with peers.serve(peers.hang_up) as peer, pytest.raises(http.Unreachable):
        call(peer.url)
    with peers.serve(peers.reply("200 OK")) as peer:
        assert call(peer.url).status == 200


def test_nobody_listening():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(http.Unreachable):
        call(f"http://127.0.0.1:{port}/")


def test_a_name_that_does_not_resolve(monkeypatch):
    def fail(*args, **kwargs):
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", fail)
    with pytest.raises(http.Unreachable):
        call("http://nowhere.example/")


@pytest.mark.parametrize(
    "address",
    [
        "10.0.0.1",
        "100.64.0.1",
        "169.254.169.254",
        "192.168.0.1",
        "127.0.0.1",
        "::1",
        "::ffff:127.0.0.1",
        "64:ff9b::7f00:1",
        "2002:7f00:1::",
        "fec0::1",
        "ff02::1",
    ],
)
def test_a_name_that_leads_inside_is_never_dialled(monkeypatch, dialled, address):
    resolve_to(monkeypatch, address)
    with pytest.raises(http.AddressRefused):
        call("http://dealer.example/hooks", allow_loopback=False)
    assert dialled == []


def test_dns_rebinding_gains_nothing(monkeypatch, dialled):
    with peers.serve(peers.reply("200 OK")) as peer:
        resolve_to(monkeypatch, "93.184.216.34", "127.0.0.1")
        socket.getaddrinfo("dealer.example", 80)  # a check before the call would have seen the public address
        with pytest.raises(http.AddressRefused):
            call(f"http://dealer.example:{peer.port}/hooks", allow_loopback=False)
    assert (dialled, peer.requests) == ([], [])


def test_a_kept_loopback_connection_is_not_used_without_the_setting():
    with peers.serve(peers.reply("200 OK")) as peer:
        call(peer.url)
        with pytest.raises(http.AddressRefused):
            call(peer.url, allow_loopback=False)


@pytest.mark.parametrize(
    "url",
    ["ftp://a.example/", "file:///etc/passwd", "http://", "//a.example/", "http://u:p@a.example/", "http://[::1", "x"],
)
def test_urls_we_do_not_call(url):
    with pytest.raises(http.AddressRefused):
        call(url)


@pytest.mark.parametrize(
    "url", ["http://0x7f000001/", "http://2130706433/", "http://127.1/", "http://[::ffff:7f00:1]/"]
)
def test_other_spellings_of_loopback(url):
    with pytest.raises((http.AddressRefused, http.Unreachable)):
        call(url, allow_loopback=False)


def test_proxies_of_the_environment_are_not_used(monkeypatch):
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9/")
    with peers.serve(peers.reply("200 OK")) as peer:
        assert call(peer.url).status == 200
