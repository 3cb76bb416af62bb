"""Other programs' messages within ours."""

from __future__ import annotations

_LONGEST = 400


def one_line(message: object, longest: int = _LONGEST) -> str:
    r"""Join a message's lines, and cut what is too long for one.

    Examples
    --------
    >>> one_line("cannot open\n  the file ")
    'cannot open the file'
    """
    text = " ".join(str(message).split()) or type(message).__name__
    return text if len(text) <= longest else f"{text[:longest]}..."
