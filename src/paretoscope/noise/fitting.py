"""Step 1 of Algorithm 1: fit each model's spread in each metric to its runs."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from paretoscope.arrays import SCOPES, Array, BoolArray, IntArray, check_choice, power_of_two_near
from paretoscope.errors import DataError, FewRunsWarning
from paretoscope.measurements import Measurements, check_data
from paretoscope.noise.families import DEFAULT_NOISE, Noise, Spread, resolve_noise
from paretoscope.noise.sampler import Sampler
from paretoscope.notices import Notice, Notices

_FEWEST_RUNS = 3


def fit_noise(data: Measurements, noise: Noise = DEFAULT_NOISE, scope: str = "run") -> tuple[Sampler, Notices]:
    """Fit the noise model to the runs.

    Parameters
    ----------
    data : Measurements
    noise : str or mapping from metric to str
        See `parse_spread`.  Metrics without repeats are exact under the families that need repeats.
    scope : {"run", "mean"}
        Whether a draw is one more run (standard deviation of a run) or one more estimate of the mean (divided by the
        root of the number of runs).

    Returns
    -------
    sampler : Sampler
    notices : list of Notice
        What the caller should warn of.

    Raises
    ------
    OptionError
        If `noise` or `scope` is not known.
    DataError
        If a metric does not fit its family: an exact one whose repeats differ, a binomial one that is no percentage, a
        lognormal one that is not positive, an empirical one or a Student one without runs.
    """
    check_data(data)
    check_choice("scope", scope, SCOPES)
    spreads = resolve_noise(noise, data.metrics)
    mean, sd, n_runs = (
        table.loc[list(data.models), list(data.metrics)].to_numpy(float).T
        for table in (data.mean, data.sd, data.n_runs)
    )
    units = np.array([power_of_two_near(row) for row in mean])
    families = {spread.family for spread in spreads.values()}
    padded = _pad_runs(data, mean) if families & {"empirical", "lognormal"} else mean[:, :, np.newaxis]
    partner = _find_partners(data, spreads) if "empirical" in families else np.zeros_like(mean, dtype=np.int64)
    location, scale = mean.copy(), np.zeros_like(mean)
    degrees = np.ones_like(mean)
    varies = np.zeros(mean.shape, np.bool_)
    for row, metric in enumerate(data.metrics):
        spread = spreads[metric]
        _check_fit(data, metric, spread, mean[row], sd[row], n_runs[row], padded[row], scope)
        if spread.family == "relative":
            scale[row] = spread.parameter / 100.0 * mean[row]
        elif spread.family == "binomial":
            location[row] = mean[row] / 100.0
            varies[row] = (location[row] > 0.0) & (location[row] < 1.0)
        elif spread.family in ("gaussian", "student"):
            scale[row] = sd[row]
            if scope == "mean":
                scale[row] = np.divide(sd[row], np.sqrt(n_runs[row]), where=sd[row] > 0, out=np.zeros_like(sd[row]))
            if spread.family == "student":
                degrees[row] = np.maximum(np.nan_to_num(n_runs[row], nan=2.0) - 1.0, 1.0)
                if scope == "run":  # a new run around a mean that is itself uncertain
                    scale[row] *= np.sqrt(1.0 + 1.0 / np.nan_to_num(n_runs[row], nan=1.0))
        elif spread.family == "lognormal":
            location[row], scale[row] = _fit_lognormal(mean[row], sd[row], n_runs[row], padded[row], scope)
            location[row] -= np.log(units[row])
    scaled = np.array([spreads[metric].family not in ("lognormal", "binomial") for metric in data.metrics])
    location[scaled] /= units[scaled, np.newaxis]
    scale[scaled] /= units[scaled, np.newaxis]

    is_input = np.arange(len(data.metrics)) < len(data.inputs)
    lowest = np.where(is_input, 0.0, -np.nextafter(0.0, 1.0))  # inputs are positive, outputs not negative
    highest = np.array([np.nextafter(data.bounds.get(metric, np.inf), np.inf) for metric in data.metrics]) / units
    varies |= scale > 0.0
    sampler = Sampler(
        metrics=data.metrics,
        models=data.models,
        spreads=tuple(spreads.values()),
        units=units,
        location=location,
        scale=scale,
        degrees=degrees,
        above=np.where(varies, lowest[:, np.newaxis], -np.inf),
        below=np.where(varies, highest[:, np.newaxis], np.inf),
        runs=padded / units[:, np.newaxis, np.newaxis],
        n_runs=np.sum(np.isfinite(padded), axis=2),
        partner=partner,
        scope=scope,
    )
    return sampler, _few_runs(data, spreads, sd, n_runs)


def _pad_runs(data: Measurements, mean: Array) -> Array:
    """All runs as (n_metrics, n_models, most runs), padded with NaN; a place stands for one run in every metric."""
    runs = data.runs.sort_values("run", kind="stable")
    rows = pd.Index(data.metrics).get_indexer(pd.Index(runs["metric"]))
    columns = pd.Index(data.models).get_indexer(pd.Index(runs["model"]))
    places = runs.groupby([rows, columns], sort=False).cumcount().to_numpy()
    padded = np.full((*mean.shape, int(places.max(initial=0)) + 1), np.nan)
    padded[:, :, 0] = mean  # published without runs
    padded[rows, columns, places] = runs["value"].to_numpy(float)
    return padded


def _find_partners(data: Measurements, spreads: Mapping[str, Spread]) -> IntArray:
    """For each (metric, model) the model's first resampled metric with the very same runs, to stay together with it."""
    partner = np.repeat(np.arange(len(data.metrics))[:, np.newaxis], len(data.models), axis=1)
    row_of = {metric: row for row, metric in enumerate(data.metrics)}
    column_of = {model: column for column, model in enumerate(data.models)}
    first_with: dict[tuple[int, frozenset[str]], int] = {}
    labels: dict[tuple[int, int], set[str]] = {}
    for model, metric, run in data.runs[["model", "metric", "run"]].itertuples(index=False):
        if spreads[metric].family == "empirical":
            labels.setdefault((row_of[metric], column_of[model]), set()).add(run)
    for (row, column), runs in sorted(labels.items(), key=lambda item: item[0]):
        partner[row, column] = first_with.setdefault((column, frozenset(runs)), row)
    return partner


def _fit_lognormal(mean: Array, sd: Array, n_runs: Array, runs: Array, scope: str) -> tuple[Array, Array]:
    """Mean and standard deviation of the logarithms; by moments where only mean and sd were published."""
    spread = np.sqrt(np.log1p((sd / mean) ** 2))
    centre = np.log(mean) - spread**2 / 2.0
    counts = np.sum(np.isfinite(runs), axis=1)
    for model in np.flatnonzero((counts > 1) & (sd > 0)):
        logarithms = np.log(runs[model, : counts[model]])
        centre[model], spread[model] = logarithms.mean(), logarithms.std(ddof=1)
    if scope == "mean":
        spread = np.divide(spread, np.sqrt(n_runs), where=spread > 0, out=np.zeros_like(spread))
    return centre, spread


def _check_fit(
    data: Measurements,
    metric: str,
    spread: Spread,
    mean: Array,
    sd: Array,
    n_runs: Array,
    runs: Array,
    scope: str,
) -> None:
    """Refuse a metric that its family cannot describe."""

    def refuse(culprits: BoolArray, found: str, expected: str) -> None:
        if culprits.any():
            model = data.models[int(np.argmax(culprits))]
            raise DataError(f"{data.source or 'data'}: metric {metric!r} of model {model!r}: {found}; {expected}")

    if spread.family in ("exact", "binomial"):
        refuse(
            sd > 0,
            "its repeats differ",
            f"expected one value under noise {str(spread)!r}; give it another family or keep one repeat",
        )
    if spread.family == "binomial":
        refuse(
            (mean > 100) | (data.bounds.get(metric, 100.0) != 100.0),
            "found no percentage",
            f"expected 0 to 100 under noise {str(spread)!r}; give it in percent",
        )
    if spread.family == "lognormal":
        lowest = np.nanmin(runs, axis=1)
        refuse(lowest <= 0, f"found {np.min(lowest):g}", "expected positive values under noise 'lognormal'")
    if spread.family == "empirical":
        refuse(
            (sd > 0) & (np.sum(np.isfinite(runs), axis=1) < 2),
            "found a published mean and sd",
            "expected single runs under noise 'empirical'; use 'gaussian'",
        )
    if spread.family == "student" or (scope == "mean" and spread.family in ("gaussian", "lognormal")):
        refuse(
            (sd > 0) & ~(n_runs >= (2 if spread.family == "student" else 1)),
            "the number of runs behind its sd is unknown or 1",
            f"expected a column '{metric}_n'; or use noise 'gaussian' with scope 'run'",
        )


def _few_runs(data: Measurements, spreads: Mapping[str, Spread], sd: Array, n_runs: Array) -> Notices:
    """Say where the spread rests on too few runs, or on none."""
    found: Notices = []
    for row, metric in enumerate(data.metrics):
        if spreads[metric].family not in ("gaussian", "lognormal", "student", "empirical"):
            continue
        repeated = n_runs[row] > 1
        alone = ~repeated & np.isfinite(n_runs[row]) & (sd[row] == 0)
        few = (spreads[metric].family != "student") & repeated & (n_runs[row] < _FEWEST_RUNS) & (sd[row] > 0)
        if repeated.any() and alone.any():
            model = data.models[int(np.argmax(alone))]
            found.append(
                Notice(
                    FewRunsWarning,
                    f"metric {metric!r}: {alone.sum()} of {len(alone)} models have a single run (first: {model!r}) "
                    f"and are taken as exact; repeat them, or state a spread such as noise={{{metric!r}: '3%'}}",
                )
            )
        if few.any():
            model = data.models[int(np.argmax(few))]
            found.append(
                Notice(
                    FewRunsWarning,
                    f"metric {metric!r}: {few.sum()} of {len(data.models)} models have only 2 runs (first: {model!r}), "
                    f"so their spread is hardly known; expected {_FEWEST_RUNS} or more, better 5; "
                    "noise='student' allows for it",
                )
            )
    families = [spread.family for spread in spreads.values()]
    if not (sd > 0).any() and not any(family in ("relative", "binomial") for family in families):
        found.append(
            Notice(
                FewRunsWarning,
                "no metric varies: nothing was repeated, so all draws are equal; "
                "repeat the runs, or state a spread such as noise={'latency_ms': '3%'}",
            )
        )
    return found
