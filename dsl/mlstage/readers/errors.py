"""The one way in which readers refuse a file."""


class ReadError(ValueError):
    """A file that cannot be read as what it should be; the message says why and what to do."""
