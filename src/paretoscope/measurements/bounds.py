"""How large a metric can be at most: percentages and fractions have a largest value, latencies do not."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

import numpy as np

from paretoscope.errors import OptionError, in_words, listing, nearest, quote
from paretoscope.flags import setting
from paretoscope.measurements.tables import Table

if TYPE_CHECKING:
    from paretoscope.measurements.layouts import Observations

_PERCENT_UNITS = frozenset({"%", "percent", "pct"})
_PERCENT_NAMES = re.compile(r".*_(pct|percent)")
# `acc` begins acc_val and accuracy, but also access_ms, which has no largest value.
_SHARE_NAMES = re.compile(r"top-?[15]|top1.*|acc(uracy|top)?([^a-z].*)?|map|miou|f1|auc")


def base_name(metric: str) -> str:
    """Return the metric's name without its target.

    Examples
    --------
    >>> base_name("latency_ms@v100")
    'latency_ms'
    """
    return metric.rpartition("@")[0] or metric


def check_bounds(bounds: Mapping[str, float | None] | None, metrics: Iterable[str]) -> dict[str, float | None]:
    """Return the largest possible values that were stated, by metric; None means that there is none.

    A name without target stands for the metric on all its targets.

    Raises
    ------
    OptionError
        If a name is no selected metric, or a bound no positive finite number.
    """
    metrics = list(metrics)
    if bounds is not None and not isinstance(bounds, Mapping):
        raise OptionError(f"bounds: found {quote(bounds)}; expected a mapping; write bounds={{'top1': 100}}")
    stated: dict[str, float | None] = {}
    # Exact names last, so that they win over names without a target.
    for name, bound in sorted((bounds or {}).items(), key=lambda item: item[0] in metrics):
        members = [name] if name in metrics else [metric for metric in metrics if base_name(metric) == name]
        if not members:
            hint = nearest(str(name), metrics)
            raise OptionError(f"bounds: found {quote(name)}; expected one of {listing(metrics)}; correct it{hint}")
        if bound is not None:
            number = not isinstance(bound, bool | str)
            try:
                number = number and math.isfinite(bound) and bound > 0
            except TypeError:
                number = False
            if not number:
                raise OptionError(
                    f"bounds: found {quote(bound)} for {quote(name)}; expected a positive finite number, or "
                    f"{in_words(python='None', flags='none')}; correct it"
                )
        stated.update(dict.fromkeys(members, None if bound is None else float(bound)))
    return stated


def largest_possible(metric: str, unit: str, largest: float) -> float | None:
    """Guess the largest value that a metric can have, or None if there is no such value.

    Parameters
    ----------
    metric : str
        The metric; its target does not matter.
    unit : str
        The metric's unit, "" if unknown.
    largest : float
        The largest value that was measured, in that unit.

    Returns
    -------
    float or None
        100 for a percentage by its unit, however large the measured values are.  By its name alone: 1 for a fraction,
        100 for a percentage, None where the values exceed it.

    Examples
    --------
    >>> largest_possible("top1@v100", "", 76.1)
    100.0
    >>> largest_possible("Accuracy", "", 0.76)
    1.0
    >>> largest_possible("latency_ms", "ms", 0.76) is None
    True
    """
    if unit.strip().lower() in _PERCENT_UNITS:
        return 100.0
    names = {metric.lower(), base_name(metric).lower()}  # `acc@5` may be a metric's whole name
    if any(_PERCENT_NAMES.fullmatch(name) for name in names):
        return 100.0 if largest <= 100 else None
    if any(_SHARE_NAMES.fullmatch(name) for name in names):
        return 1.0 if largest <= 1 else 100.0 if largest <= 100 else None
    return None


def metric_bound(table: Table, observed: Observations, stated: Mapping[str, float | None]) -> float | None:
    """Return the largest possible value of a metric, stated or guessed, or None.

    Raises
    ------
    DataError
        If a value exceeds it.
    """
    metric, values = observed.metric, observed.values
    bound = stated[metric] if metric in stated else largest_possible(metric, observed.unit, float(values.max()))
    if bound is None or values.max() <= bound:
        return bound
    position = int(np.argmax(values > bound))
    unbounded = f"{in_words(python='pass', flags='give')} {setting('bounds', {metric: None})}"
    raise table.error(
        f"{float(values[position])!r} for metric {quote(metric)}",
        f"at most {bound:g}",
        f"correct it, or {unbounded} if the metric has no largest value",
        rows=[int(observed.rows[position])],
        column=observed.column,
    )
