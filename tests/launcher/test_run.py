"""`run`: the whole platform from nothing to a page, killed, recovered and stopped."""

import http.client
import os
import signal
import socket
import threading

import pytest

pytestmark = pytest.mark.launcher


def read_until(process, start):
    """Read the launcher's output up to the line that starts so; fail with all of it otherwise."""
    lines = []
    for line in process.stdout:
        lines.append(line)
        if line.startswith(start):
            return lines
    raise AssertionError("".join(lines))


def drain(process):
    threading.Thread(target=process.stdout.read, daemon=True).start()


def get_status(port, path):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    finally:
        connection.close()


def test_the_platform_starts_survives_kill_9_and_stops(launcher):
    first = launcher.start("run")
    lines = read_until(first, "Ready: ")
    assert lines[-1] == f"Ready: http://127.0.0.1:{launcher.port}/\n"
    read_until(first, "Demo dealer system: ")
    drain(first)
    assert get_status(launcher.port, "/readyz") == 200

    code, output = launcher.finish("run")
    assert code == 1
    assert output.startswith(f"Already running as process {first.pid} at http://127.0.0.1:{launcher.port}/")
    assert output.count("\n") == 1

    os.kill(first.pid, signal.SIGKILL)
    launcher.wait_until_nothing_runs()

    second = launcher.start("run")
    lines = read_until(second, "Ready: ")
    assert "Preparing the database…\n" not in lines
    drain(second)
    assert launcher.finish("stop") == (0, "Stopped.\n")
    assert second.wait(timeout=60) == 0
    launcher.wait_until_nothing_runs(seconds=10)
    assert launcher.finish("status") == (1, "Not running.\n")


def test_a_busy_port_is_one_line(launcher):
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", launcher.port + 1))
        listener.listen()
        code, output = launcher.finish("run")
    assert code == 1
    assert output.startswith(f"Port {launcher.port + 1} cannot be used")
    assert output.count("\n") == 1


@pytest.mark.parametrize("port", ["web", "0", "65535"])
def test_a_port_that_is_none_is_one_line(launcher, port):
    assert launcher.finish("run", PORT=port) == (1, f"PORT={port} is no port: give a number from 1 to 65534.\n")
