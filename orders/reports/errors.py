"""What a report cannot be asked for."""


class BadRequest(Exception):
    """The message is fit for the reader."""
