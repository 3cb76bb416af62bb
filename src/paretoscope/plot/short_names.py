"""Names too long for their place lose their middle, and stay distinct."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

from matplotlib.font_manager import FontProperties
from matplotlib.textpath import text_to_path

from paretoscope.errors import escaped

if TYPE_CHECKING:
    from collections.abc import Sequence

_LONGEST = 2000  # characters of a name whose width is looked at


def text_width(text: str, size: float | str) -> float:
    """Width of a text in points, without a canvas."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # a missing glyph is told of when it is drawn
        width: float = text_to_path.get_text_width_height_descent(text, FontProperties(size=size), ismath=False)[0]
    return width


def shorten(names: Sequence[str], width: float, size: float | str) -> list[str]:
    """Take letters out of names that are wider than `width`, so that no two look the same.

    Letters go from the middle, since both ends tell more; where that leaves equal names, from further left or right, or
    else names begin where they differ.

    Parameters
    ----------
    names : sequence of str
        Distinct.  Line breaks and tabs become blanks, other characters without a shape escapes.
    width : float
        In points.
    size : float or str
        Of the font, as in matplotlib.

    Examples
    --------
    >>> short = shorten(["resnet18", "a_name_that_goes_on_and_on_v1", "a_name_that_goes_on_and_on_v2"], 90, 10)
    >>> short[0], [name[:3] + name[-3:] for name in short[1:]]
    ('resnet18', ['a_n_v1', 'a_n_v2'])
    """
    whole = [escaped(" ".join(name.split()) or name, _LONGEST) for name in names]
    short = [_cut(name, width, size, 0.5) for name in whole]
    for share in (0.6, 0.4, 0.7, 0.3, 0.8, 0.2, None, None, None):
        groups: dict[str, list[int]] = {}
        for i, name in enumerate(short):
            groups.setdefault(name, []).append(i)
        for alike in groups.values():
            if len(alike) == 1:
                continue
            start = max(_n_shared([whole[i] for i in alike]) - 2, 0)
            for i in alike:
                rest = f"…{whole[i][start:]}" if share is None and start else whole[i]
                short[i] = _cut(rest, width, size, share or 0.8)
    return short


def _n_shared(names: Sequence[str]) -> int:
    """How many letters all names begin with."""
    # The first and the last in order differ the most.
    return next((i for i, (a, b) in enumerate(zip(min(names), max(names), strict=False)) if a != b), len(min(names)))


def wrap(text: str, width: float, size: float | str) -> str:
    """Break a text into even lines of at most `width` points between its words, and shorten words that are wider."""
    lines = []
    for part in text.split("\n"):
        words = [_cut(escaped(word, _LONGEST), width, size, 0.5) for word in part.split()]
        tries = [_fill(words, share * width, size) for share in (1.0, 0.9, 0.8, 0.7, 0.6)]
        lines += [one for one in tries if len(one) == len(tries[0])][-1]
    return "\n".join(lines)


def _fill(words: Sequence[str], width: float, size: float | str) -> list[str]:
    """Lines of as many words as fit."""
    lines: list[str] = []
    for word in words:
        if lines and text_width(f"{lines[-1]} {word}", size) <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines


def _cut(name: str, width: float, size: float | str, share: float) -> str:
    """Keep as many letters as fit, this share of them from the start."""
    if text_width(name, size) <= width:
        return name
    fits, too_many = 2, len(name)
    while too_many - fits > 1:
        kept = (fits + too_many) // 2
        if text_width(_without_middle(name, kept, share), size) <= width:
            fits = kept
        else:
            too_many = kept
    return _without_middle(name, fits, share)


def _without_middle(name: str, kept: int, share: float) -> str:
    first = min(max(round(share * kept), 1), kept - 1)
    return f"{name[:first]}…{name[len(name) - (kept - first) :]}"
