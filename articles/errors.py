"""The one exception that every room raises when a person has to look: what, where, expected, what to do next."""

from __future__ import annotations


class NightwireError(Exception):
    """A failure to show to a person as it stands, without a stack trace.

    The message names the thing and the place in its first sentence and the next step in its last.
    Bad input that can be counted and kept is no exception but a `Rejected` row.
    """
