"""How the runs themselves vary: spread from run to run, and whether values rise or fall in the order of the table."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from paretoscope.arrays import Array

if TYPE_CHECKING:
    from collections.abc import Sequence

    from paretoscope.measurements import Measurements

# Two-sided 1 %: with a few metrics, a false alarm in about one report of thirty.
_NOTABLE = 2.576
_FEWEST_RUNS = 4


@dataclass(frozen=True, slots=True)
class MetricNoise:
    """One metric's runs.

    Attributes
    ----------
    n_repeated : int
        Models with several runs, or a published spread.
    runs : tuple of int
        Fewest and most runs of these; (0, 0) if unknown.
    median, largest : float
        Of the models' coefficients of variation, sd / abs(mean).
    noisiest : str
        The model of the largest.
    trend : float or None
        Kendall's statistic of order, pooled over models, in standard deviations; None without enough runs.
    """

    metric: str
    family: str
    n_repeated: int
    runs: tuple[int, int]
    median: float
    largest: float
    noisiest: str
    trend: float | None

    @property
    def runs_text(self) -> str:
        """How many runs a model has."""
        low, high = self.runs
        return "unknown" if not high and self.n_repeated else f"{low}" if low == high else f"{low} to {high}"

    @property
    def trend_text(self) -> str:
        """What the trend says."""
        if self.trend is None:
            return f"too few runs to tell (expected {_FEWEST_RUNS} or more of a model)"
        z = f"z = {round(self.trend, 1) + 0.0:.1f}"  # adding nothing takes the sign from a zero
        if abs(self.trend) < _NOTABLE:
            return f"no trend stands out ({z})"
        return f"values {'rise' if self.trend > 0 else 'fall'} in the order of the table ({z})"


def diagnose(data: Measurements, noise: dict[str, str]) -> list[MetricNoise]:
    """Describe every metric's noise."""
    mean, sd, n_runs = data.mean, data.sd, data.n_runs
    runs = series_by_metric(data)
    found = []
    for metric in data.metrics:
        repeated = (n_runs[metric] > 1) | (sd[metric] > 0)
        variation = (sd[metric] / mean[metric].abs()).where(repeated & (mean[metric] != 0)).dropna()
        counts = n_runs[metric][repeated & n_runs[metric].notna()]
        found.append(
            MetricNoise(
                metric=metric,
                family=noise[metric],
                n_repeated=int(repeated.sum()),
                runs=(int(counts.min()), int(counts.max())) if len(counts) else (0, 0),
                median=float(variation.median()) if len(variation) else math.nan,
                largest=float(variation.max()) if len(variation) else math.nan,
                noisiest=str(variation.idxmax()) if len(variation) else "",
                trend=pooled_trend(runs[metric]),
            )
        )
    return found


def series_by_metric(data: Measurements) -> dict[str, list[Array]]:
    """Each metric's runs, an array a model, in the order of the table; empty where only a mean was published."""
    found = {metric: {model: np.empty(0) for model in data.models} for metric in data.metrics}
    for key, values in data.runs.groupby(["model", "metric"], sort=False)["value"]:
        model, metric = (str(name) for name in key)
        found[metric][model] = values.to_numpy(float)
    return {metric: list(by_model.values()) for metric, by_model in found.items()}


def pooled_trend(series: Sequence[Array]) -> float | None:
    r"""Test whether values rise or fall with their order, over several independent series (Hirsch and Slack).

    Kendall's :math:`S = \sum_{a < b} \mathrm{sign}(x_b - x_a)` of every series is summed, and so is its variance
    without a trend, :math:`[k (k-1) (2k+5) - \sum_t t (t-1) (2t+5)] / 18` with the sizes t of ties.

    Parameters
    ----------
    series : sequence of 1-d arrays
        In order of time; those of fewer than four values that differ are left out.

    Returns
    -------
    float or None
        S in standard deviations, with the correction for continuity; about standard normal without a trend.

    References
    ----------
    Hirsch, Slack, Smith (1982), "Techniques of trend analysis for monthly water quality data", Water Resources Research
    18(1).

    Examples
    --------
    >>> pooled_trend([np.array([1.0, 2.0, 3.0, 4.0, 5.0])])
    2.2045407685048604
    """
    total, variance = 0.0, 0.0
    for values in series:
        k = len(values)
        if k < _FEWEST_RUNS or values.min() == values.max():
            continue
        total += float(np.sign(values[np.newaxis, :] - values[:, np.newaxis])[np.triu_indices(k, 1)].sum())
        _, ties = np.unique(values, return_counts=True)
        variance += (k * (k - 1) * (2 * k + 5) - float((ties * (ties - 1) * (2 * ties + 5)).sum())) / 18.0
    return (total - math.copysign(min(1.0, abs(total)), total)) / math.sqrt(variance) if variance else None
