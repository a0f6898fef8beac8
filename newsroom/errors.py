"""What goes wrong in the sample web, said in a sentence that a person can act on."""

from __future__ import annotations


class NewsroomError(Exception):
    """A failure to show to a person as it stands: what, where, what was expected, what to do next."""


class ContentError(NewsroomError):
    """An outlet's file is not in the form that `newsroom/README.md` describes."""


class ListenError(NewsroomError, OSError):
    """The server cannot listen where it was asked to."""
