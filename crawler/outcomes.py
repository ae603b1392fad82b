"""The named ways in which a page yields no document.

    Unreadable
    ├── NotAnArticle    nothing here was written to be read: a list, a template, a shell
    ├── LayoutChanged   an article of a known platform that none of its layouts fits
    └── Mojibake        the letters were lost before the page came here

Each is a fact about the page, so reading the same bytes again gives the same outcome.
"""

from __future__ import annotations


class Unreadable(Exception):
    """No document came of this page. ``str()`` of it says why, in one line fit for a log."""


class NotAnArticle(Unreadable):
    """A list, a search result, a skin template, a protected post or an empty shell.

    No cure is needed: the page is to be followed at most, never stored as a document.
    """


class LayoutChanged(Unreadable):
    """An article page whose title or body is in none of the places the platform is known to use.

    The cure is a new selector in the platform's file; ``tried`` says which ones failed.
    """

    def __init__(self, platform: str, tried: tuple[str, ...]) -> None:
        super().__init__(f"{platform}: no layout fits, tried {', '.join(tried)}")
        self.platform = platform
        self.tried = tried


class Mojibake(Unreadable):
    """Too many letters are U+FFFD; ``lost`` is their share of the text, 0 to 1.

    The cure is a fresh copy of the page: what was lost cannot be decoded back.
    """

    def __init__(self, codec: str, lost: float) -> None:
        super().__init__(f"{lost:.1%} of the letters were lost (read as {codec})")
        self.codec = codec
        self.lost = lost
