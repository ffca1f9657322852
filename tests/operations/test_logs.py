import io
import json
import logging
import time

import pytest
import structlog

from o2o_platform.operations import logs
from tests.factories import make_buyer


@pytest.fixture
def lines():
    """What a production log gets, as written."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    config = logs.logging_config(json_lines=True, level="DEBUG")["formatters"]["structured"]
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=config["foreign_pre_chain"], processors=config["processors"]
        )
    )
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    root.removeHandler(handler)
    root.setLevel(level)


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("to 13800138000 now", "to [phone] now"),
        ("138 0013 8000", "[phone]"),
        ("+8613800138000", "[phone]"),
        ("?login=%2B4915123456789&x=1", "?login=[phone]&x=1"),
        ("+49 151 2345 6789", "[phone]"),
        ("GET /cars/h2/?preview=WyIv:1a:x-_9&on=1", "GET /cars/h2/?preview=[link]&on=1"),
        ("GET /cars/h2/?preview=1", "GET /cars/h2/?preview=1"),
        ("POST /alerts/stop/search:12:aB_-9/", "POST /alerts/stop/[link]/"),
        ("Mei.Wang+cars@mail.example.cn,", "[e-mail],"),
        ("?login=mei%40example.com", "?login=[e-mail]"),
        ("code=123456", "code=[code]"),
        ("Your code: 123456", "Your code: [code]"),
        ("order CN-2026-000123 of 258800", "order CN-2026-000123 of 258800"),
        ("trim 7 took 13800 ms", "trim 7 took 13800 ms"),
    ],
)
def test_personal_data_is_masked(text, masked):
    assert logs.mask_text(text) == masked


@pytest.mark.parametrize("text", ["a", "1", "a.", "+1", "a@", "a@a-", "a@a.", "+", "1 ", "code:", "?preview=", "%40"])
def test_masking_takes_no_longer_than_the_text_is(text):
    """A query of eight thousand characters is written to the log: nobody may keep a process busy with one."""
    started = time.process_time()
    logs.mask_text(text * 8000)
    assert time.process_time() - started < 1


def test_values_are_masked_wherever_they_sit(lines):
    structlog.get_logger("test").info("sent", to=["13800138000"], data={"email": "a@example.com"}, amount=13800138000)
    logging.getLogger("old").warning("failed for %s", "a@example.com")
    try:
        raise ValueError("no user 13800138000")
    except ValueError:
        logging.getLogger("old").exception("broke")
    first, second, third = lines()
    assert (first["to"], first["data"], first["amount"]) == (["[phone]"], {"email": "[e-mail]"}, 13800138000)
    assert second["event"] == "failed for [e-mail]"
    assert "no user [phone]" in third["exception"]


@pytest.mark.django_db
def test_signing_in_leaves_no_trace_of_number_or_code(client, lines):
    from tests.accounts.conftest import enter_code, last_code

    client.post("/accounts/login/?next=/garage/?phone=13800138000", {"login": "13800138000"})
    code = last_code()
    enter_code(client, code)
    client.get("/garage/")
    written = json.dumps(lines(), ensure_ascii=False)
    assert "13800138000" not in written
    assert code not in written
    requests = [line for line in lines() if line["event"] == "request_finished"]
    assert requests[-1]["user_id"]
    assert requests[-1]["request_id"]
    assert requests[-1]["level"] == "info"


@pytest.mark.django_db
def test_a_failing_page_leaves_no_trace_of_the_person(client, lines, monkeypatch):
    from o2o_platform.accounts import garage

    user = make_buyer(phone="+8613800138000", email="mei@example.com")

    def explode(user):
        raise RuntimeError(f"cannot load {user.phone} {user.email}")

    monkeypatch.setattr(garage, "_sections", {})
    garage.register("broken", "x.html", explode)
    client.force_login(user)
    client.raise_request_exception = False
    assert client.get("/garage/").status_code == 500
    written = json.dumps(lines(), ensure_ascii=False)
    assert "cannot load [phone] [e-mail]" in written
    assert "mei@example.com" not in written


def test_the_order_reference_is_bound(lines):
    with structlog.contextvars.bound_contextvars(order="CN-2026-000123"):
        structlog.get_logger("test").info("accepted")
    assert lines()[0]["order"] == "CN-2026-000123"


@pytest.mark.django_db
def test_requests_about_an_order_carry_its_reference(client, lines):
    client.get("/orders/CN-2026-000123/")
    finished = [line for line in lines() if line["event"] == "request_finished"]
    assert finished[-1]["order"] == "CN-2026-000123"
