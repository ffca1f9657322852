"""What the launcher tells the person at the terminal when it cannot go on."""


class LauncherError(Exception):
    """One line that says what is wrong and what to do about it."""


class ServerFailed(LauncherError):
    """A database or broker process did not come up; the message names its log."""
