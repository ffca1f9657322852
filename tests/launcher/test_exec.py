"""`exec`: a command with throw-away servers."""

import os
import signal
import sys

import pytest

pytestmark = pytest.mark.launcher

ASK = "import os, psycopg2; psycopg2.connect(os.environ['DATABASE_URL']).close(); print('asked')"


def test_the_command_reaches_its_servers_and_gives_its_exit_code(launcher):
    assert launcher.finish("exec", "--", sys.executable, "-c", f"{ASK}; raise SystemExit(7)") == (7, "asked\n")
    launcher.wait_until_nothing_runs(seconds=10)


def test_kill_9_of_the_launcher_leaves_no_process_and_the_next_one_starts(launcher):
    process = launcher.start(
        "exec", "--", sys.executable, "-c", f"{ASK}; import time; time.sleep(60)", PYTHONUNBUFFERED="1"
    )
    assert process.stdout.readline() == "asked\n"
    assert len(launcher.processes()) > 3
    os.kill(process.pid, signal.SIGKILL)
    launcher.wait_until_nothing_runs()
    assert launcher.finish("exec", "--", sys.executable, "-c", ASK) == (0, "asked\n")


def test_a_second_one_on_the_same_state_is_refused_in_one_line(launcher):
    process = launcher.start("exec", "--", "sh", "-c", "echo started; exec sleep 60")
    assert process.stdout.readline() == "started\n"
    code, output = launcher.finish("exec", "--", "true")
    assert code == 1
    assert output.startswith(f"Already running as process {process.pid}")
    assert output.count("\n") == 1


def test_term_ends_the_command_and_its_servers(launcher):
    process = launcher.start("exec", "--", "sh", "-c", "echo started; exec sleep 60")
    assert process.stdout.readline() == "started\n"
    process.terminate()
    assert process.wait(timeout=60) == 128 + signal.SIGTERM
    launcher.wait_until_nothing_runs(seconds=10)


@pytest.mark.parametrize("state", ["/dev/null/state", "/proc/state"])
def test_a_state_that_cannot_be_written_is_one_line(launcher, state):
    code, output = launcher.finish("exec", "--", "true", STATE=state)
    assert code == 1
    assert output.startswith(f"Cannot write to {state}")
    assert output.count("\n") == 1


def test_a_command_that_does_not_exist_is_one_line(launcher):
    code, output = launcher.finish("exec", "--", "no-such-command")
    assert (code, output) == (1, "Cannot run no-such-command: No such file or directory.\n")
