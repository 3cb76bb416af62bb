"""What all steps share: names of array types, the words that options take, and checks of words, counts and shares."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from paretoscope.errors import OptionError, in_words, listing, nearest, quote, unquoted

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

# The field's other words for the same, as `folded` writes them.
SYNONYMS: Final[Mapping[str, Mapping[str, str]]] = {
    "rts": {
        "bcc": "vrs",
        "variable": "vrs",
        "ccr": "crs",
        "constant": "crs",
        "drs": "nirs",
        "decreasing": "nirs",
        "nonincreasing": "nirs",
        "irs": "ndrs",
        "increasing": "ndrs",
        "nondecreasing": "ndrs",
        "freedisposal": "fdh",
        "freedisposalhull": "fdh",
    },
    "orientation": {
        "in": "input",
        "inputs": "input",
        "inputoriented": "input",
        "out": "output",
        "outputs": "output",
        "outputoriented": "output",
    },
    "scope": {"runs": "run", "single": "run", "means": "mean", "average": "mean", "avg": "mean"},
    "frontier": {"stochastic": "random", "static": "fixed"},
    "fold": {"p50": "median", "average": "mean", "avg": "mean", "q90": "p90", "q95": "p95", "q99": "p99"},
    "kind": {"steps": "staircase", "fdh": "staircase", "convex": "hull", "convexhull": "hull", "vrs": "hull"},
    "drop_incomplete": {"model": "models", "metric": "metrics"},
    "format": {"text": "table", "txt": "table"},
    "noise": {
        "normal": "gaussian",
        "gauss": "gaussian",
        "lognorm": "lognormal",
        "t": "student",
        "studentt": "student",
        "students": "student",
        "studentst": "student",
        "bootstrap": "empirical",
        "none": "exact",
        "deterministic": "exact",
    },
}


def power_of_two_near(values: Array) -> float:
    """The power of two nearest to the geometric mean of the sizes that are not zero; dividing by it loses no bit.

    1 where it would, at the ends of the range of floating-point numbers.
    """
    sizes = np.abs(values)
    positive = sizes[sizes > 0.0]
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
        hint = nearest(str(found), expected)
        raise OptionError(f"{name}: found {quote(found)}; expected one of {listing(expected, unquoted)}{hint}")
    return found


def folded(word: str) -> str:
    """A word without case, spaces and hyphens, which make no difference to what is meant.

    Examples
    --------
    >>> folded("Log-Normal"), folded("Student's t")
    ('lognormal', 'studentst')
    """
    return re.sub(r"[\s_'’-]+", "", word.casefold())


def canonical_word(option: str, found: object, expected: Sequence[str]) -> str | None:
    """The one of the expected words that is meant, under whatever name and case; None if none is.

    Examples
    --------
    >>> canonical_word("rts", "DRS", RTS)
    'nirs'
    """
    if not isinstance(found, str):
        return None
    word = folded(found)
    word = SYNONYMS[option].get(word, word)
    return word if word in expected else None


def resolve_choice(option: str, found: object, expected: Sequence[str]) -> str:
    """Return the one of the expected words that is meant, under whatever name and case.

    Raises
    ------
    OptionError
        If none is.  It suggests a word only where a single one is spelt most like what was found, for the next one may
        mean the opposite.
    """
    word = canonical_word(option, found, expected)
    if word is None:
        shown = quote(found) if isinstance(found, str) else repr(found)
        raise OptionError(
            f"{option}: found {shown}; expected one of {', '.join(expected)}{likeliest(option, found, expected)}"
        )
    return word


def likeliest(option: str, found: object, expected: Sequence[str]) -> str:
    """Suggest the expected word that is spelt most like what was found, as the end of a message, if it is only one.

    Examples
    --------
    >>> likeliest("rts", "vsr", RTS), likeliest("rts", "nidrs", RTS)
    ("; did you mean 'vrs'?", '')
    """
    if not isinstance(found, str):
        return ""
    names = {word: word for word in expected} | dict(SYNONYMS[option])
    likeness = {
        name: difflib.SequenceMatcher(None, folded(found), name).ratio()
        for name in difflib.get_close_matches(folded(found), names, n=len(names), cutoff=0.6)
    }
    best = {names[name] for name, ratio in likeness.items() if ratio == max(likeness.values())}
    return f"; did you mean {quote(best.pop())}?" if len(best) == 1 else ""


def check_count(name: str, found: object, least: int = 1) -> int:
    """Return a whole number, Python's or NumPy's, as an int.

    Raises
    ------
    OptionError
        If it is none, or below `least`.
    """
    if isinstance(found, bool) or not isinstance(found, int | np.integer) or found < least:
        raise OptionError(f"{name}: found {quote(found)}; expected a whole number of at least {least}")
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
            f"{name}: found {quote(value)}; expected a number above {low:g} and {bound} {high:g}; "
            f"{in_words(python='pass', flags='give')} 0.95, for example"
        )
    return share
