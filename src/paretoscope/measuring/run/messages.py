"""Other programs' messages within ours."""

from __future__ import annotations

_LONGEST = 400


def one_line(message: object, longest: int = _LONGEST) -> str:
    r"""Join a message's lines, show what cannot be printed as escapes, and cut what is too long for one.

    Examples
    --------
    >>> one_line("cannot open\n  the file ")
    'cannot open the file'
    >>> print(one_line("\x1b[31mred"))
    \x1b[31mred
    """
    joined = " ".join(str(message).split()) or type(message).__name__
    text = "".join(letter if letter.isprintable() else repr(letter)[1:-1] for letter in joined[: longest + 1])
    return text if len(text) <= longest else f"{text[:longest]}..."
