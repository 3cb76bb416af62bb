"""How large a metric can be at most: percentages and fractions have a largest value, latencies do not."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

import numpy as np

from paretoscope.errors import OptionError, in_words, listing, nearest, quote
from paretoscope.flags import setting
from paretoscope.measurements.scales import base_name, unit_in_name, whole_by_name, whole_by_unit, words_of
from paretoscope.measurements.tables import Table

if TYPE_CHECKING:
    from paretoscope.measurements.layouts import Observations

# `acc` begins acc_val and accuracy, but also access_ms, which has no largest value.
_SHARE_NAMES = re.compile(r"top-?[15]|top1.*|acc(uracy|top)?([^a-z].*)?|map|miou|f1|auc")
# What takes so long, weighs so much or costs so much to reach an accuracy is no accuracy.
_AMOUNTS = {
    "s", "sec", "secs", "second", "seconds", "ms", "us", "ns", "mins", "minute", "minutes", "h", "hr", "hrs",
    "hour", "hours", "time", "latency", "duration", "b", "kb", "mb", "gb", "kib", "mib", "gib", "byte", "bytes",
    "j", "mj", "kj", "joule", "joules", "wh", "kwh", "w", "mw", "watt", "watts", "energy", "power", "usd",
    "eur", "cost", "price", "count", "n", "params", "flops", "macs", "sd", "std", "stddev", "stdev", "var",
    "sem", "stderr", "loss",
}  # fmt: skip


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


def guess_bound(metric: str, unit: str, largest: float) -> float | None:
    """Guess from an output's name the largest value that it can have; None if the name says nothing.

    Parameters
    ----------
    metric : str
        The metric; its target does not matter.
    unit : str
        The metric's unit, "" if unknown: where there is one, the name is not asked.
    largest : float
        The largest value that was measured.

    Returns
    -------
    float or None
        1 for a fraction, 100 for a percentage, None where the values exceed it.

    Examples
    --------
    >>> guess_bound("top1@v100", "", 76.1)
    100.0
    >>> guess_bound("Accuracy", "", 0.76)
    1.0
    >>> guess_bound("acc_time_s", "", 0.76) is None
    True
    """
    if (unit or unit_in_name(metric)).strip() or largest > 100.0 or not _AMOUNTS.isdisjoint(words_of(metric)):
        return None
    if named := whole_by_name(metric):
        return named if largest <= named else None
    names = {metric.lower(), base_name(metric).lower()}  # `acc@5` may be a metric's whole name
    if any(_SHARE_NAMES.fullmatch(name) for name in names):
        return 1.0 if largest <= 1 else 100.0
    return None


def metric_bound(table: Table, observed: Observations, stated: Mapping[str, float | None]) -> float | None:
    """Return the largest possible value of a metric, as stated or by its unit, or None.

    Raises
    ------
    DataError
        If a value exceeds it.
    """
    metric, values = observed.metric, observed.values
    bound = stated[metric] if metric in stated else whole_by_unit(observed.unit)
    if bound is None and metric not in stated and not observed.unit:
        in_brackets = whole_by_unit(unit_in_name(metric))
        bound = in_brackets if in_brackets and values.max() <= in_brackets else None  # `CPU usage (%)` may be 350
    if bound is None or values.max() <= bound:
        return bound
    position = int(np.argmax(values > bound))
    raise table.error(
        f"{float(values[position])!r} for metric {quote(metric)}",
        f"at most {bound:g}",
        f"correct it, or {lift_bound(metric)} if the metric has no largest value",
        rows=[int(observed.rows[position])],
        column=observed.column,
    )


def lift_bound(metric: str) -> str:
    """How the caller says that a metric has no largest value.

    Examples
    --------
    >>> lift_bound("wer")
    "pass bounds={'wer': None}"
    """
    return f"{in_words(python='pass', flags='give')} {setting('bounds', {metric: None})}"


def state_bound(metric: str, bound: float) -> str:
    """How the caller says what a metric's largest value is.

    Examples
    --------
    >>> state_bound("err", 100)
    "pass bounds={'err': 100}"
    """
    return in_words(
        python=f"pass bounds={{{metric!r}: {bound:g}}}", flags=f"give {setting('bounds', {metric: f'{bound:g}'})}"
    )
