"""What all steps share: names of array types, the words that options take, and checks of words, counts and shares."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from paretoscope.errors import OptionError, nearest

Array = NDArray[np.float64]
BoolArray = NDArray[np.bool_]
IndexArray = NDArray[np.intp]
IntArray = NDArray[np.int64]
StatusArray = NDArray[np.int8]

RTS: Final = ("vrs", "crs", "nirs", "ndrs", "fdh")  # returns to scale
ORIENTATIONS: Final = ("input", "output")
SCOPES: Final = ("run", "mean")
DEFAULT_SCOPE: Final = "run"  # the paper's: how one deployment varies
FRONTIERS: Final = ("random", "fixed")


def power_of_two_near(values: Array) -> float:
    """The power of two nearest to the geometric mean of the positive values; dividing by it loses no bit.

    1 where it would, at the ends of the range of floating-point numbers.
    """
    positive = values[values > 0.0]
    if not positive.size:
        return 1.0
    with np.errstate(all="ignore"):
        unit = float(2.0 ** np.round(np.log2(positive).mean()))
        return unit if np.array_equal(positive / unit * unit, positive) else 1.0


def is_wide(low: float, high: float) -> bool:
    """Whether positive values span a factor of ten, which asks for a logarithmic scale."""
    return low > 0.0 and high >= 10.0 * low


def check_choice(name: str, found: str, expected: Sequence[str]) -> str:
    """Return a word that is one of those expected.

    Raises
    ------
    OptionError
        If it is not.
    """
    if found not in expected:
        raise OptionError(
            f"{name}: found {found!r}; expected one of {', '.join(expected)}{nearest(str(found), expected)}"
        )
    return found


def check_count(name: str, found: object, least: int = 1) -> int:
    """Return a whole number, Python's or NumPy's, as an int.

    Raises
    ------
    OptionError
        If it is none, or below `least`.
    """
    if isinstance(found, bool) or not isinstance(found, int | np.integer) or found < least:
        raise OptionError(f"{name}: found {found!r}; expected a whole number of at least {least}")
    return int(found)


def check_share(name: str, value: Any, *, low: float, high: float, closed: bool = False) -> float:
    """Check an option that is a probability above `low` and below (`closed`: up to) `high`.

    Raises
    ------
    OptionError
        If it is not.
    """
    try:
        share = float(value)
    except (TypeError, ValueError):
        share = np.nan
    if not (low < share < high or (closed and share == high)):
        bound = "at most" if closed else "below"
        raise OptionError(
            f"{name}: found {value!r}; expected a number above {low:g} and {bound} {high:g}; pass 0.95, for example"
        )
    return share
