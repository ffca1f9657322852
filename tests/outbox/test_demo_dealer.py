import json
import socket
import subprocess
import sys
import threading
from datetime import UTC, datetime

import pytest
import requests
from django.conf import settings
from standardwebhooks import Webhook

from o2o_platform.operations.demo_dealer.book import Book, Config
from o2o_platform.operations.demo_dealer.server import DealerSystem

from . import peers
from .test_handoffs import ORDER_DATA, SECRET

MESSAGE = json.dumps({"type": "order.reserved", "timestamp": "2014-11-11T00:00:00+00:00", "data": ORDER_DATA})


@pytest.fixture
def platform():
    with peers.serve(peers.reply("200 OK", body=b"{}")) as peer:
        yield peer


@pytest.fixture
def system(tmp_path, platform):
    path = tmp_path / "demo_dms.json"
    row = {"code": "d-1", "secret": SECRET, "api_key": "key.1"}
    path.write_text(json.dumps({"platform": f"http://127.0.0.1:{platform.port}/", "dealerships": [row]}))
    book = Book(tmp_path / "deliveries.jsonl")
    server = DealerSystem(0, book=book, read_config=lambda: Config.read(path), static=settings.BASE_DIR / "static")
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def call(system):
    session = requests.Session()
    session.trust_env = False

    def call(method, path, **options):
        url = f"http://127.0.0.1:{system.server_port}{path}"
        return session.request(method, url, allow_redirects=False, timeout=60, **options)

    yield call
    session.close()


@pytest.fixture
def deliver(call):
    def deliver(message_id="msg_1", *, secret=SECRET, dealer="d-1"):
        now = datetime.now(UTC)
        headers = {
            "webhook-id": message_id,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": Webhook(secret).sign(message_id, now, MESSAGE),
        }
        return call("POST", f"/hooks/{dealer}", data=MESSAGE.encode(), headers=headers).status_code

    return deliver


def test_a_signed_order_is_kept_once_and_acknowledged(system, deliver, call, platform):
    assert [deliver(), deliver(), deliver("msg_2")] == [200, 200, 200]
    summary = call("GET", "/deliveries.json").json()
    assert (summary["unique"], summary["attempts"], summary["by_id"]) == (2, 3, {"msg_1": 2, "msg_2": 1})
    assert peers.wait_until(lambda: system.book.summary()["acknowledged"] == 2)
    assert len(platform.requests) == 2
    assert platform.requests[0].startswith(b"POST /api/v1/dealer/orders/O2014-0001/acknowledge/ ")
    assert b"Authorization: Api-Key key.1" in platform.requests[0]


def test_a_wrong_signature_is_refused(deliver, call):
    assert deliver(secret="whsec_" + "YWFh" * 10) == 401
    assert deliver(dealer="nobody") == 401
    assert call("GET", "/deliveries.json").json()["refused"] == 2


@pytest.mark.parametrize(("mode", "answers"), [("fail", [500, 500]), ("gone", [410, 410]), ("twice", [500, 200])])
def test_it_misbehaves_on_request(deliver, call, mode, answers):
    assert call("POST", "/mode", data={"mode": mode}).status_code == 303
    assert [deliver(), deliver()] == answers
    assert call("GET", "/deliveries.json").json()["unique"] == (mode == "twice")


def test_hanging_ends_without_an_answer(system, deliver, call, monkeypatch):
    monkeypatch.setattr("o2o_platform.operations.demo_dealer.server.HANG_S", 0.05)
    call("POST", "/mode", data={"mode": "hang"})
    with pytest.raises(requests.ConnectionError):
        deliver()


def test_new_keys_are_found_without_a_restart(deliver, tmp_path):
    new_secret = "whsec_" + "YWFh" * 10
    path = tmp_path / "demo_dms.json"
    path.write_text(path.read_text().replace(SECRET, new_secret))
    assert deliver(secret=new_secret) == 200


def test_the_command_waits_for_its_keys_and_serves(tmp_path):
    path = tmp_path / "demo_dms.json"
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "manage.py", "demo_dms", "--port", str(port), "--config", str(path)]
    process = subprocess.Popen(command, cwd=settings.BASE_DIR, stdout=subprocess.PIPE, text=True)
    try:
        assert "demo_dms.json" in process.stdout.readline()
        path.write_text(json.dumps({"platform": "http://127.0.0.1:9", "dealerships": []}))
        assert str(port) in process.stdout.readline()
    finally:
        process.terminate()
        process.communicate(timeout=60)
    assert process.returncode == 0


def test_an_unknown_mode_is_refused(call):
    assert call("POST", "/mode", data={"mode": "explode"}).status_code == 400


def test_a_restart_forgets_nothing(system, deliver):
    deliver()
    deliver()
    deliver("msg_2")
    assert peers.wait_until(lambda: system.book.summary()["acknowledged"] == 2)
    with system.book.path.open("a") as file:
        file.write('{"id": "msg_3", "deal')
    again = Book(system.book.path)
    again.close()
    assert again.summary() == system.book.summary()


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_page_shows_what_came(deliver, call, language):
    deliver()
    page = call("GET", "/", headers={"Accept-Language": f"{language},de;q=0.5"})
    assert page.status_code == 200
    assert f'lang="{language}"' in page.text
    assert "O2014-0001" in page.text
    assert "Li &amp; &lt;Wang&gt;" in page.text
    assert call("GET", "/static/css/demo_dealer.css").status_code == 200
    assert call("GET", "/static/../manage.py").status_code == 404
