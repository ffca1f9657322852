"""The unprivileged account PostgreSQL runs under when the launcher itself is root."""

import os
import pwd
import subprocess
from pathlib import Path
from typing import TypedDict

from .errors import LauncherError


class AccountArguments(TypedDict, total=False):
    """What subprocess takes to run a command under another account."""

    user: int
    group: int
    extra_groups: list[int]


CANDIDATES = ("postgres", "nobody")
TRIAL_SECONDS = 10


def find_account(*, owner_of: Path | None = None) -> pwd.struct_passwd | None:
    """Return the account to drop to, or None where the launcher is not root.

    Data that exists already stays with the account that owns it. No account is created.
    """
    if os.geteuid() != 0:
        return None
    if owner_of is not None and owner_of.exists() and (owner := owner_of.stat().st_uid):
        return _account_of(owner)
    for name in CANDIDATES:
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise LauncherError(
        "PostgreSQL refuses to run as root and neither 'postgres' nor 'nobody' exists here: "
        "start as an ordinary user, or set DATABASE_URL."
    )


def _account_of(uid: int) -> pwd.struct_passwd:
    try:
        return pwd.getpwuid(uid)
    except KeyError:
        return pwd.struct_passwd((f"uid{uid}", "x", uid, uid, "", "/", "/bin/sh"))


def as_account(account: pwd.struct_passwd | None) -> AccountArguments:
    """Return the arguments that make subprocess run a command under the account."""
    if account is None:
        return {}
    return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}


def can_run(command: list[str], *, account: pwd.struct_passwd | None) -> bool:
    """Tell whether the account can reach and run the command, by running it."""
    try:
        trial = subprocess.run(
            command,
            check=False,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd="/",
            timeout=TRIAL_SECONDS,
            **as_account(account),
        )
    except OSError:
        return False
    return trial.returncode == 0


def can_write(folder: Path, *, account: pwd.struct_passwd | None) -> bool:
    """Tell whether the account can enter the folder and write there."""
    test = '[ -w "$1" ] && [ -x "$1" ]'
    return can_run(["/bin/sh", "-c", test, "sh", str(folder)], account=account)


def give(folder: Path, *, account: pwd.struct_passwd | None) -> None:
    """Make the folder private to the account (or to whoever runs the launcher)."""
    if account is not None:
        os.chown(folder, account.pw_uid, account.pw_gid)
    folder.chmod(0o700)
