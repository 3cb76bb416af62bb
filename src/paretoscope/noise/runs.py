"""What was measured of one metric, as a noise family needs it to fit all models at once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import pandas as pd

from paretoscope.arrays import Array, BoolArray, IntArray, power_of_two_near
from paretoscope.errors import DataError, quote
from paretoscope.flags import setting
from paretoscope.measurements import Measurements
from paretoscope.measurements.scales import whole

NOT_NEGATIVE: Final = float(-np.nextafter(0.0, 1.0))  # what is above it is 0 or more


class SingleRuns:
    """The single runs of all metrics, put in order only where a family asks for them."""

    def __init__(self, data: Measurements, mean: Array) -> None:
        self._data = data
        self._mean = mean

    @cached_property
    def values(self) -> Array:
        """All runs as (n_metrics, n_models, most runs), padded with NaN; a place stands for one run in every metric."""
        runs = self._data.runs.sort_values("run", kind="stable")
        rows = pd.Index(self._data.metrics).get_indexer(pd.Index(runs["metric"]))
        columns = pd.Index(self._data.models).get_indexer(pd.Index(runs["model"]))
        places = runs.groupby([rows, columns], sort=False).cumcount().to_numpy()
        padded = np.full((*self._mean.shape, int(places.max(initial=0)) + 1), np.nan)
        padded[:, :, 0] = self._mean  # published without runs
        padded[rows, columns, places] = runs["value"].to_numpy(float)
        return padded

    @cached_property
    def label_sets(self) -> IntArray:
        """For each (metric, model) a number for its set of run labels: equal numbers mean the very same runs."""
        row_of = {metric: row for row, metric in enumerate(self._data.metrics)}
        column_of = {model: column for column, model in enumerate(self._data.models)}
        labels: dict[tuple[int, int], set[str]] = {}
        for model, metric, run in self._data.runs[["model", "metric", "run"]].itertuples(index=False):
            labels.setdefault((row_of[metric], column_of[model]), set()).add(run)
        numbers: dict[frozenset[str], int] = {frozenset(): 0}
        found = np.zeros(self._mean.shape, np.int64)
        for place, runs in labels.items():
            found[place] = numbers.setdefault(frozenset(runs), len(numbers))
        return found


@dataclass(frozen=True, slots=True, eq=False)
class MetricRuns:
    """One metric of all models; arrays are (n_models,), in the metric's own units.

    Attributes
    ----------
    unit : float
        The power of two in which the metric is drawn.
    lowest : float
        The lowest run, or published mean, of any model.
    largest : float
        The largest possible value; infinite where there is none.
    whole : float or None
        What "all" is in a share: 100 for percent, 1 for a fraction, infinity for what is no share, None where it is not
        sure; see `paretoscope.measurements.scales.whole`.
    guessed : bool
        Whether the largest possible value is a guess from the metric's name.
    mean, sd, n_runs : arrays
        The number of runs is NaN where it is not known.
    """

    name: str
    models: tuple[str, ...]
    source: str
    is_input: bool
    unit: float
    lowest: float
    largest: float
    whole: float | None
    guessed: bool
    mean: Array
    sd: Array
    n_runs: Array
    _single: SingleRuns
    _row: int

    @property
    def runs(self) -> Array:
        """Single runs, (n_models, most runs of any metric), padded with NaN; the mean where none are known."""
        values: Array = self._single.values[self._row]
        return values

    @property
    def label_sets(self) -> IntArray:
        """A number for each model's set of run labels; the same one in another metric means the very same runs."""
        numbers: IntArray = self._single.label_sets[self._row]
        return numbers

    @property
    def domain(self) -> tuple[float, float]:
        """In units of `unit`: a value belongs to the metric if it lies strictly between these two.

        Inputs are positive, outputs not negative; a metric with a negative value has no least one.
        """
        above = -np.inf if self.lowest < 0.0 else 0.0 if self.is_input else NOT_NEGATIVE
        return float(above), float(np.nextafter(self.largest, np.inf) / self.unit)

    def in_scope(self, spread: Array, scope: str) -> Array:
        """The spread of one run, or that of the mean of the runs."""
        if scope == "run":
            return spread
        return np.divide(spread, np.sqrt(self.n_runs), where=spread > 0.0, out=np.zeros_like(spread))

    def refuse(self, culprits: BoolArray, found: str, expected: str) -> None:
        """Raise DataError for the first of the models in question, if there is one."""
        if culprits.any():
            model = self.models[int(np.argmax(culprits))]
            raise DataError(
                f"{self.source or 'data'}: metric {quote(self.name)} of model {quote(model)}: {found}; {expected}"
            )

    def refuse_repeats(self, family: str) -> None:
        """Raise DataError if the repeats of a model differ."""
        expected = f"expected one value under noise {quote(family)}; give it another family or keep one repeat"
        # One value with a stated spread of its own, such as a standard error, has no repeats.
        self.refuse((self.sd > 0.0) & (self.n_runs != 1.0), "its repeats differ", expected)

    def refuse_fewer_runs(self, least: int) -> None:
        """Raise DataError if a standard deviation rests on fewer runs, or on an unknown number."""
        self.refuse(
            (self.sd > 0.0) & ~(self.n_runs >= least),
            "the number of runs behind its sd is unknown or 1",
            f"expected a column '{self.name}_n'; or use {setting('noise', 'gaussian')} with {setting('scope', 'run')}",
        )


def runs_by_metric(data: Measurements) -> Iterator[MetricRuns]:
    """All metrics, inputs first."""
    mean, sd, n_runs = (
        table.loc[list(data.models), list(data.metrics)].to_numpy(float).T
        for table in (data.mean, data.sd, data.n_runs)
    )
    single = SingleRuns(data, mean)
    bounds, guessed, lowest_values = data.bounds, data.guessed_bounds, data.lowest["value"]
    for row, metric in enumerate(data.metrics):
        is_input, largest = row < len(data.inputs), bounds.get(metric, np.inf)
        declared = np.inf if metric in guessed else largest
        lowest, highest = float(mean[row].min()), float(mean[row].max())
        yield MetricRuns(
            name=metric,
            models=data.models,
            source=data.source,
            is_input=is_input,
            unit=power_of_two_near(mean[row]),
            lowest=float(lowest_values[metric]),
            largest=largest,
            whole=whole(metric, data.units[metric], declared, lowest, highest, is_input=is_input),
            guessed=metric in guessed,
            mean=mean[row],
            sd=sd[row],
            n_runs=n_runs[row],
            _single=single,
            _row=row,
        )
