"""Whatever is killed: each paid order reaches its dealer under one webhook-id, and the data stay sound."""

import subprocess
import sys

import pytest
import requests

from o2o_platform.launcher.processes import spawn
from o2o_platform.launcher.state import CHECKOUT

from .platform import read_rest, read_served, wait_until

pytestmark = pytest.mark.launcher


def test_a_worker_killed_in_the_middle_of_a_batch(platform):
    platform.kill("worker")
    paid = {reference for reference, *_ in read_rest(platform.shop("pay", 150))}
    before = len(platform.received())

    platform.start("worker")
    wait_until(lambda: len(platform.received()) >= before + 20, "the first deliveries")
    platform.kill("worker")
    assert not paid <= set(platform.received()), "the batch was through before the worker died"

    platform.let_leases_run_out()
    platform.start("worker")
    platform.assert_handed_off(paid)


def test_the_broker_killed_and_its_file_deleted(platform):
    shoppers = platform.shop("pay", 150)
    served = read_served(shoppers, 50)
    platform.kill_valkey_and_delete_its_data()
    served += read_served(shoppers, 50)
    platform.valkey.start()
    served += read_rest(shoppers)
    assert len(served) == 150
    platform.assert_handed_off({reference for reference, *_ in served})


def test_control_tasks_without_an_outbox_are_lost_with_the_brokers_file(platform, tmp_path, monkeypatch):
    received = tmp_path / "received"
    received.touch()
    broker = f"redis+socket://{platform.valkey.socket}?virtual_host=3"
    monkeypatch.setenv("NAIVE_BROKER", broker)
    monkeypatch.setenv("NAIVE_RECEIVED", str(received))
    send = "from tests.faults.naive import hand_off; [hand_off.delay(str(n)) for n in range({}, {})]"
    subprocess.run([sys.executable, "-c", send.format(0, 200)], cwd=CHECKOUT, check=True)
    platform.kill_valkey_and_delete_its_data()
    platform.valkey.start()
    subprocess.run([sys.executable, "-c", send.format(200, 210)], cwd=CHECKOUT, check=True)

    command = [sys.executable, "-m", "celery", "-A", "tests.faults.naive", "worker", "--pool=solo", "--concurrency=1"]
    worker = spawn([*command, "--without-gossip", "--without-mingle"], log=tmp_path / "log", cwd=CHECKOUT)
    try:
        wait_until(lambda: "209" in received.read_text().split(), "the tasks that are left")
    finally:
        worker.kill()
        worker.wait()
    assert len(set(received.read_text().split())) == 10


def test_the_site_killed_between_payment_and_return(platform):
    opened = read_rest(platform.shop("open", 40))
    platform.kill("worker")
    for number, (_reference, _payment, path) in enumerate(opened):
        pay_at_cashier(platform, path, decision="pay" if number % 2 else "pay-notice-never")
    platform.kill("web")
    assert platform.ask("SELECT count(*) FROM payments_payment WHERE status = 'pending'") == [(40,)]

    # Half of the notices now meet a dead site and are repeated; for the others the platform has to ask.
    platform.start("worker")
    wait_until(lambda: "Retry in" in platform.state.log("worker").read_text(), "a notice to be refused")
    platform.start("web")
    wait_until(lambda: count_pending(platform) <= 20, "the notices")
    platform.ask("UPDATE payments_payment SET next_check_at = now() WHERE status = 'pending'")
    platform.run("manage.py", "reconcile_payments")
    assert count_pending(platform) == 0
    platform.assert_handed_off({reference for reference, *_ in opened})


def test_the_database_killed_under_load(platform):
    orders_before = platform.ask("SELECT count(*) FROM orders_order")[0][0]
    shoppers = platform.shop("pay", 200)
    served = read_served(shoppers, 40)
    platform.kill_postgres()
    platform.postgres.start()
    # Everyone who was told "paid" before the crash still is.
    told = ", ".join(f"'{reference}'" for reference, *_ in served)
    lasting = platform.ask(f"SELECT count(*) FROM orders_order WHERE paid_total > 0 AND reference IN ({told})")  # noqa: S608
    assert lasting == [(40,)]

    served += read_rest(shoppers)
    assert len(served) == 200
    # Requests repeated after the crash made no second order.
    assert platform.ask("SELECT count(*) FROM orders_order") == [(orders_before + 200,)]
    platform.let_leases_run_out()
    platform.assert_handed_off({reference for reference, *_ in served})


def count_pending(platform) -> int:
    return platform.ask("SELECT count(*) FROM payments_payment WHERE status = 'pending'")[0][0]


def pay_at_cashier(platform, path: str, *, decision: str) -> None:
    """Press a button of the cashier and never follow the redirect back."""
    url = f"http://127.0.0.1:{platform.port}{path}"
    with requests.Session() as browser:
        browser.get(url, timeout=10).raise_for_status()
        form = {"decision": decision, "csrfmiddlewaretoken": browser.cookies["csrftoken"]}
        answer = browser.post(url, data=form, timeout=10, allow_redirects=False)
    assert answer.status_code == 303
