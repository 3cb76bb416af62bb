"""Which column holds the spread of a metric, and which the number of runs behind it, by their names.

A name is a list of words, whatever parts them.  A column belongs to metric `m` if its name is that of `m` and a word
for a spread, anywhere: ``ms_std``, ``std_ms``, ``"acc_stderr,none"``, ``latency_std_ms`` beside ``latency_ms``; or if
that word stands where `m` has one for a mean: ``stddev`` beside ``mean``, ``stddev_ts`` beside ``avg_ts``.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

# Words as people write them, several joined by an underscore.
_SD: Final = (
    *("sd", "std", "stddev", "stdev", "stdv", "sigma"),
    *("std_dev", "st_dev", "std_deviation", "standard_deviation"),
)
_SE: Final = ("sem", "se", "stderr", "ste", "std_err", "std_error", "standard_error")
_COUNT: Final = (
    *("n", "count", "runs", "samples", "reps", "repeats", "repetitions", "trials"),
    *("n_runs", "num_runs", "n_samples", "num_samples"),
)
# A spread of another kind, or too vague a word for one.
_OTHER: Final = (
    *("±", "pm", "plusminus", "ci", "ci95", "ci_95", "ci90", "ci99", "95ci", "conf_int", "confidence_interval"),
    *("iqr", "mad", "var", "variance", "cv", "rsd", "rel_std", "relative_std", "std_pct", "stddev_pct"),
    *("moe", "margin_of_error", "uncertainty", "unc", "spread", "half_width"),
)
_MEAN: Final = frozenset({"mean", "avg", "average"})
_MEDIAN: Final = frozenset({"median", "p50", "med"})
_UNITS: Final = frozenset(
    {"ns", "us", "ms", "s", "sec", "seconds", "pct", "percent", "mb", "gb", "mib", "w", "j", "usd"}
)

Words = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SpreadColumns:
    """Columns that belong to a metric.

    Attributes
    ----------
    spread : str
        The column of the standard deviation or the standard error.
    is_error : bool
        Whether it is the standard error of the mean.
    count : str or None
        The column of the number of runs.
    """

    spread: str
    is_error: bool
    count: str | None


def spread_columns(column: str, names: Sequence[str], *, alone: bool = False) -> SpreadColumns | None:
    """Find the columns that hold the spread of a metric.

    Parameters
    ----------
    column : str
        The column of the metric's values.
    names : sequence of str
        Columns that may belong to it.
    alone : bool
        Whether `column` is the only one with values, so that a bare ``std`` is its spread.

    Returns
    -------
    SpreadColumns or None
        With a standard deviation rather than a standard error, and ``m_sd`` rather than any other name.

    Examples
    --------
    >>> spread_columns("acc,none", ["acc,none", "acc_stderr,none"])
    SpreadColumns(spread='acc_stderr,none', is_error=True, count=None)
    >>> spread_columns("mean", ["mean", "stddev", "n"])
    SpreadColumns(spread='stddev', is_error=False, count='n')
    """
    for is_error, known in ((False, _SD), (True, _SE)):
        spread = _first(column, names, known, alone)
        if spread is not None:
            return SpreadColumns(spread, is_error, _first(column, names, _COUNT, alone))
    return None


def lookalikes(column: str, names: Sequence[str]) -> list[str]:
    """List columns whose names look like a spread of a metric, whether or not they can be used.

    Examples
    --------
    >>> lookalikes("latency_ms", ["latency_ms", "latency_ms_ci95", "latency_std", "std", "cpu_ms_std"])
    ['latency_ms_ci95', 'latency_std', 'std']
    """
    wanted, owners = _words(column), {_words(name) for name in names}
    short = wanted[:-1] if wanted and wanted[-1] in _UNITS else wanted
    centres = {wanted, short, _without(wanted, _MEAN), _without(wanted, _MEDIAN)}
    found = []
    for name in names:
        rests = list(_rests(_words(name), [*_SD, *_SE, *_OTHER]))
        if any(rest == wanted or not rest or (rest in centres and rest not in owners) for rest in rests):
            found.append(name)
    return found


def _first(column: str, names: Sequence[str], known: Sequence[str], alone: bool) -> str | None:
    """The column that belongs to a metric by one of some words; the usual way of writing it comes first."""
    wanted, owners = _words(column), {_words(name) for name in names}
    centre = _without(wanted, _MEAN)
    for name in sorted(names, key=lambda name: name != f"{column}_{known[0]}"):
        words = _words(name)
        for rest in _rests(words, known):
            if known is _COUNT and rest and rest[0] != words[0]:
                continue  # `n_gen` counts something else than the runs of `gen`
            if rest == wanted or (rest == centre and rest not in owners) or (alone and not rest):
                return name
    return None


def _rests(words: Words, known: Collection[str]) -> Iterator[Words]:
    """What remains of a name without one of the known words, of one word or several."""
    for word in known:
        parts = tuple(word.split("_"))
        for begin in range(len(words) - len(parts) + 1):
            if words[begin : begin + len(parts)] == parts:
                yield words[:begin] + words[begin + len(parts) :]


def _without(words: Words, some: Collection[str]) -> Words | None:
    """The name without a word for its centre, or None where it has none."""
    rest = tuple(word for word in words if word not in some)
    return rest if len(rest) < len(words) else None


def _words(name: str) -> Words:
    parted = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name.replace("+/-", "±").replace("+-", "±"))
    return tuple(re.findall(r"[^\W_]+|±|%", parted.lower()))
