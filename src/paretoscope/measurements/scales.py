"""Percent or fraction: what "all" is in a metric that is a share, 100 or 1.

A unit or a name can say so, and so can the values.  What a name says is a hint where the values leave it open, and a
question where they contradict it, so that another name never makes another number.
"""

from __future__ import annotations

import math
import re

_PERCENT_UNITS = frozenset({"%", "percent", "pct"})
_FRACTION_UNITS = frozenset({"fraction"})
_RATIO_UNITS = frozenset({"1", "ratio"})  # of a share as of a speed-up
_PERCENT_SIGN = re.compile(r"(?<!\d)%")  # but not of "recall at 1%"
_PERCENT_WORDS = frozenset({"pct", "percent", "percentage"})
_FRACTION_WORDS = frozenset({"frac", "fraction"})


def base_name(metric: str) -> str:
    """Return the metric's name without its target.

    Examples
    --------
    >>> base_name("latency_ms@v100")
    'latency_ms'
    """
    return metric.rpartition("@")[0] or metric


def words_of(metric: str) -> list[str]:
    """Split a metric's name, without its target, into words in lower case.

    Examples
    --------
    >>> words_of("Top-1 error (%)@v100")
    ['top', '1', 'error']
    """
    return re.findall(r"[^\W_]+", base_name(metric).lower())


def whole_by_unit(unit: str) -> float | None:
    """100 for a unit of percent, 1 for one of fractions, else None.

    Examples
    --------
    >>> whole_by_unit(" % "), whole_by_unit("fraction"), whole_by_unit("ms")
    (100.0, 1.0, None)
    """
    stated = unit.strip().lower()
    return 100.0 if stated in _PERCENT_UNITS else 1.0 if stated in _FRACTION_UNITS else None


def unit_in_name(metric: str) -> str:
    """The unit that stands in brackets at the end of a metric's name, "" if there is none.

    Examples
    --------
    >>> unit_in_name("Top-1 error (%)"), unit_in_name("latency [ms]@v100"), unit_in_name("top1")
    ('%', 'ms', '')
    """
    found = re.search(r"(?:\(([^()]*)\)|\[([^\[\]]*)\])\s*$", base_name(metric))
    return (found[1] or found[2] or "").strip() if found else ""


def whole_by_name(metric: str) -> float | None:
    """100 for a name with a percent sign or the word, 1 for one with the word fraction, else None.

    Examples
    --------
    >>> whole_by_name("err_pct"), whole_by_name("Top-1 error (%)"), whole_by_name("top1")
    (100.0, 100.0, None)
    """
    words = set(words_of(metric))
    if _PERCENT_SIGN.search(base_name(metric)) or words & _PERCENT_WORDS:
        return 100.0
    return 1.0 if words & _FRACTION_WORDS else None


def whole(metric: str, unit: str, bound: float, smallest: float, largest: float, *, is_input: bool) -> float | None:
    """What "all" is in a metric that is a share.

    In order: its unit, its largest possible value, its name together with its values, its values alone.  An output, of
    which more is better, is taken for a fraction if no value exceeds 1.  An input is not: an error of 0.5 may well be
    half a percent.

    Parameters
    ----------
    metric, unit : str
        The metric; its unit, "" if unknown.
    bound : float
        Its largest possible value, infinite if unknown.
    smallest, largest : float
        The smallest and the largest value that was measured.
    is_input : bool
        Whether the metric is better small.

    Returns
    -------
    float or None
        100 for percent, 1 for a fraction, infinity for what can be neither, None where it is not sure.

    Examples
    --------
    >>> whole("top1", "", math.inf, 0.52, 0.76, is_input=False), whole("top1", "", math.inf, 52, 76, is_input=False)
    (1.0, 100.0)
    >>> whole("err", "", math.inf, 0.2, 0.5, is_input=True) is None
    True
    """
    if stated := whole_by_unit(unit):
        return stated
    unit = unit or unit_in_name(metric)
    if math.isfinite(bound):
        return bound if bound in (1.0, 100.0) else math.inf
    if largest > 100.0:
        return math.inf
    named = whole_by_name(metric)
    if largest <= 1.0 and unit.strip() in _RATIO_UNITS:
        return 1.0
    if largest > 1.0:
        mixed = not is_input and 0.0 < smallest < 1.0  # of accuracies, some look like fractions, others like percent
        return None if named == 1.0 or (mixed and named is None) else 100.0
    if is_input:
        return named
    return None if named == 100.0 else 1.0
