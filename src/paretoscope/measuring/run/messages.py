"""Other programs' messages within ours."""

from __future__ import annotations

from paretoscope.errors import escaped

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
    return escaped(" ".join(str(message).split()) or type(message).__name__, longest)
