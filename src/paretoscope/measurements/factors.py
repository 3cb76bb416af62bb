"""Factors: columns that tell kinds of measurements apart, such as image sizes, so that their rows are no repeats.

A column without a job is one if a selected metric follows it within models: its levels explain at least `LEAST_SHARE`
of the metric's variance within models, and more than chance does.  A column with the name of a factor is believed
sooner than any other, which must have nearly the same levels within nearly every model.
"""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from paretoscope.arrays import Array, IntArray
from paretoscope.errors import in_words, listing, quote
from paretoscope.flags import write_names
from paretoscope.measurements.factor_names import kind_of
from paretoscope.measurements.variance import explained_by_levels, explained_by_slope

if TYPE_CHECKING:
    from collections.abc import Sequence

    from paretoscope.measurements.columns import Columns
    from paretoscope.measurements.layouts import Observations
    from paretoscope.measurements.tables import Table, TextArray

LEAST_SHARE = 0.5  # of the variance within models, from which on rows are kinds
CHANCE = 1e-3  # that some column of a table is taken for a factor though nothing follows it
CHANCE_IF_NAMED = 0.003  # that a column with the name of a factor is
# Before they are seen, repeats are expected to differ by 10 %, and that counts as much as four of them: two rows of
# two models say too little about noise.  For columns with the name of a factor alone.
EXPECTED_SPREAD, EXPECTED_COUNT = 0.1, 4

_NAMED = ("model", "load")
_LEAST_PRESENCE = 0.8  # of all pairs of a model with several rows and a level
_FEWEST_MODELS = 3
_MOST_LEVELS, _MOST_LEVELS_IF_NAMED = 50, 300
_SHOWN_LEVELS = 4
_DATE = re.compile(r"\d{4}[-/]\d\d?[-/]\d\d?|\d\d?:\d\d")


@dataclass(frozen=True, slots=True)
class Factor:
    """A column that a metric follows within models.

    Attributes
    ----------
    column, metric : str
        Which column, and which metric follows it most.
    kind : {"model", "load", "repeat", ""}
        What its name says.
    share : float
        Of the metric's variance within models.
    levels : tuple of str
        In the order of the table.
    example : str
        Two values of one model, for a message.
    """

    column: str
    metric: str
    kind: str
    share: float
    levels: tuple[str, ...]
    example: str


@dataclass(frozen=True, slots=True)
class _Comparable:
    """Rows that can be compared within groups; `names` are those of the levels."""

    values: Array
    groups: IntArray
    levels: IntArray
    names: list[str]


def check_factors(
    table: Table,
    columns: Columns,
    models: Sequence[str],
    observations: Sequence[Observations],
) -> None:
    """Raise `DataError` where rows of a model are kinds and not repeats.

    Parameters
    ----------
    table : Table
    columns : Columns
        Which column holds what; those that number repeats are no factors.
    models : sequence of str
    observations : sequence of Observations
        The selected metrics.

    Raises
    ------
    DataError
        With the columns that a metric follows, the strongest first, and the ways on.
    """
    for column in columns.repeats:
        table.require(column, what="a column that numbers repeats")
    found = find_factors(table, columns, models, observations)
    if not found:
        return
    first = found[0]
    shown = ", ".join(_shown(level) for level in first.levels[:_SHOWN_LEVELS])
    more = f", ... ({len(first.levels)} in all)" if len(first.levels) > _SHOWN_LEVELS else ""
    others = f"; so do others with {listing(factor.column for factor in found[1:])}" if len(found) > 1 else ""
    raise table.error(
        f"column {quote(first.column)} with {shown}{more} within models, and metric {quote(first.metric)} follows it: "
        f"it explains {100 * first.share:.0f} % of the variance within models ({first.example}){others}",
        "rows of a model that repeat one measurement",
        _ways_on(table, columns, found),
    )


def find_factors(
    table: Table,
    columns: Columns,
    models: Sequence[str],
    observations: Sequence[Observations],
) -> list[Factor]:
    """Find the columns that a metric follows within models; those with the name of a factor first, then the strongest.

    Parameters are those of `check_factors`.
    """
    repeated = [observed for observed in observations if observed.models.size > np.unique(observed.models).size]
    if not repeated:
        return []
    of_metrics = {name for observed in observations for name in (observed.column, *observed.spread_names)}
    labels = {name: table.labels(name) for name in columns.without_job(table, of_metrics)}
    chance = CHANCE / (len(repeated) * max(len(labels), 1))
    by_metric = [followed for observed in repeated if (followed := _followed(observed, labels, models, chance))]
    by_metric.sort(key=lambda followed: _rank(followed[0].kind, followed[0].share))
    found: dict[str, Factor] = {}
    for factor in (factor for followed in by_metric for factor in followed):
        found.setdefault(factor.column, factor)
    return list(found.values())


def _rank(kind: str, share: float) -> tuple[bool, float]:
    """A key by which names that say so come first, then larger shares, but for what rounding makes of them."""
    return kind not in _NAMED, -round(share, 6)


def _followed(
    observed: Observations, labels: dict[str, TextArray], models: Sequence[str], chance: float
) -> list[Factor]:
    """Columns that one metric follows: the strongest, then what it follows within the levels of those."""
    here = {column: cells[observed.rows] for column, cells in labels.items()}
    kinds = {column: kind_of(column) for column in here}
    named = [column for column in here if kinds[column] in _NAMED]
    groups = observed.models
    found: list[Factor] = []
    while True:
        shares = {column: _evidence(observed, groups, here[column], kinds[column], chance) for column in here}
        if not found and len(named) > 1 and not any(shares.values()):
            # Several that weigh about the same: none explains half alone.
            together = _numbered(*(pd.factorize(here[column])[0] for column in named)).astype(str).astype(object)
            if _evidence(observed, groups, together, "model", chance):
                shares = {column: _plain_share(observed, groups, here[column]) for column in named}
        # What only goes with the first is named as well if it has the name of a factor.
        ordered = sorted(filter(shares.get, shares), key=lambda column: _rank(kinds[column], shares[column]))
        new = [column for column in ordered if column == ordered[0] or column in named]
        if not new:
            return found
        for column in new:
            found.append(_factor(observed, here[column], column, kinds[column], shares[column], models))
            groups = _numbered(groups, pd.factorize(here.pop(column))[0])


def _evidence(observed: Observations, groups: IntArray, cells: TextArray, kind: str, chance: float) -> float:
    """The share of the variance within groups that a column explains, 0 where it is no factor."""
    rows = None
    if kind in _NAMED or pd.unique(cells).size <= _MOST_LEVELS + 1:  # one more may be blank
        rows = _comparable(observed, groups, cells)
    if rows is None:
        return 0.0
    n_groups, n_levels = int(rows.groups.max()) + 1, len(rows.names)
    choices = [explained_by_levels(rows.values, rows.groups, rows.levels)] if n_levels <= _MOST_LEVELS_IF_NAMED else []
    if kind in _NAMED:
        numbers = _as_numbers(rows.names)
        if numbers is not None:
            if (numbers != np.floor(numbers)).any() and 2 * n_levels > rows.values.size:
                return 0.0  # measured, not chosen
            choices.append(explained_by_slope(rows.values, rows.groups, _logarithms(numbers)[rows.levels]))
        chances = [choice.chance(EXPECTED_SPREAD**2, EXPECTED_COUNT) for choice in choices]
    else:
        filled = np.unique(_numbered(rows.groups, rows.levels)).size
        if n_groups < _FEWEST_MODELS or n_levels > _MOST_LEVELS or filled < _LEAST_PRESENCE * n_groups * n_levels:
            return 0.0
        if _DATE.search(rows.names[0]) or (observed.runs is not None and (kind or _same(observed.runs, cells))):
            return 0.0
        chances = [choice.chance() for choice in choices]
    if not chances:
        return 0.0
    best = int(np.argmin(chances))
    share = choices[best].share
    return share if chances[best] <= (CHANCE_IF_NAMED if kind in _NAMED else chance) and share >= LEAST_SHARE else 0.0


def _plain_share(observed: Observations, groups: IntArray, cells: TextArray) -> float:
    rows = _comparable(observed, groups, cells)
    return 0.0 if rows is None else explained_by_levels(rows.values, rows.groups, rows.levels).share


def _comparable(observed: Observations, groups: IntArray, cells: TextArray) -> _Comparable | None:
    """What can be compared within groups, or None where nothing can."""
    known = cells != ""
    levels, names = pd.factorize(cells[known])
    frame = pd.DataFrame({"group": groups[known], "level": levels, "value": _logarithms(observed.values)[known]})
    if observed.runs is not None and observed.iterations is not None:
        # Iterations of one run are no repeats.
        means = frame.groupby([frame["group"], frame["level"], observed.runs[known]], sort=False)["value"].mean()
        frame = means.reset_index()
    # A value that stands in several rows, such as an accuracy beside each latency, was measured once.
    frame = frame.drop_duplicates(["group", "level", "value"])
    within = frame.groupby("group")
    frame = frame[within["value"].transform("size") > 1]
    if frame.empty or within["level"].nunique().max() < 2 or within["value"].nunique().max() < 2:
        return None
    used, levels = np.unique(frame["level"].to_numpy(), return_inverse=True)
    return _Comparable(
        frame["value"].to_numpy(),
        np.unique(frame["group"].to_numpy(), return_inverse=True)[1].astype(np.int64),
        levels.astype(np.int64),
        [str(names[level]) for level in used],
    )


def _logarithms(numbers: Array) -> Array:
    """Logarithms, since a factor multiplies; where there are none, the numbers in units of their usual size."""
    return np.log(numbers) if (numbers > 0).all() else numbers / (np.abs(numbers).mean() or 1.0)


def _as_numbers(names: Sequence[str]) -> Array | None:
    try:
        numbers = np.array([float(name) for name in names])
    except ValueError:
        return None
    return numbers if np.isfinite(numbers).all() else None


def _same(runs: TextArray, cells: TextArray) -> bool:
    """Whether a column is another name of the run."""
    one, other = pd.factorize(runs)[0], pd.factorize(cells)[0]
    return np.unique(_numbered(one, other)).size == np.unique(one).size == np.unique(other).size


def _numbered(*keys: IntArray) -> IntArray:
    """Number the combinations of several keys."""
    combined = np.zeros(keys[0].size, dtype=np.int64)
    for key in keys:
        # Numbered anew each time, so that many keys do not overflow.
        combined = pd.factorize(combined * (int(key.max(initial=0)) + 1) + key)[0].astype(np.int64)
    return combined


def _factor(
    observed: Observations, cells: TextArray, column: str, kind: str, share: float, models: Sequence[str]
) -> Factor:
    frame = pd.DataFrame({"model": observed.models, "level": cells, "value": observed.values})
    frame = frame[(frame["level"] != "")]
    frame = frame[frame.groupby("model")["level"].transform("nunique") > 1]
    levels = [str(level) for level in dict.fromkeys(frame["level"])]
    numbers = _as_numbers(levels)
    if numbers is not None:
        levels = [levels[place] for place in np.argsort(numbers, kind="stable")]
    firsts = frame.groupby("model")[["level", "value"]].transform("first")
    differs = ((frame["level"] != firsts["level"]) & (frame["value"] != firsts["value"])).to_numpy()
    second = int(np.argmax(differs))
    model = models[int(frame["model"].iloc[second])]
    pair = [f"{part['value'].iloc[second]:g} at {_shown(str(part['level'].iloc[second]))}" for part in (firsts, frame)]
    return Factor(column, observed.metric, kind, share, tuple(levels), f"{quote(model)}: {', '.join(pair)}")


def _shown(level: str) -> str:
    """A number as it is, text in quotes."""
    return level if _as_numbers([level]) is not None else quote(level)


def _flagged(name: str) -> str:
    """A name as a flag takes it, in a shell."""
    return shlex.quote(write_names([name]))


def _ways_on(table: Table, columns: Columns, found: Sequence[Factor]) -> str:
    """What to do, the likeliest way first."""
    names = [factor.column for factor in found]
    first = found[0]
    all_models = [*columns.model, *names]
    another_model = in_words(
        python=f"pass model={all_models!r}",
        flags="give " + " ".join(f"--model {_flagged(name)}" for name in all_models),
    )
    ways = [f"{another_model} if each is a model of its own"]
    on_target = f"{first.metric}@{first.levels[0]}"
    if columns.find(table, "target") is None and "@" not in first.metric:
        others = [name for name in names if name != first.column]
        named_models = [*columns.model, *others]
        python = f"pass target={first.column!r}" + f", model={named_models!r}" * bool(others)
        flags = f"--target {shlex.quote(first.column)}"
        flags += "".join(f" --model {_flagged(name)}" for name in named_models) * bool(others)
        one_load = in_words(
            python=f"{python} and select {on_target!r}", flags=f"give {flags} and select {_flagged(on_target)}"
        )
        ways.append(f"{one_load} to compare at one of them")
        if first.kind == "load":
            ways.reverse()
    repeats = in_words(
        python=f"pass repeats={names!r}", flags="give " + " ".join(f"--repeats {_flagged(name)}" for name in names)
    )
    ways.append(f"{repeats} if it only numbers repeats")
    if first.kind == "repeat":
        ways = ways[-1:] + ways[:-1]
    return ", or ".join(ways)
