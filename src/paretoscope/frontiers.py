"""The Pareto front and the frontier of two metrics on simulated data sets, as users call them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from paretoscope.curves import QUANTILES, Kind
from paretoscope.draws import EfficiencyDraws
from paretoscope.errors import OptionError, nearest
from paretoscope.noise import fit_noise
from paretoscope.notices import check_data, give_notice
from paretoscope.pareto import Frontier, build_frontier, front_probability
from paretoscope.resampling import Resampler, check_count
from paretoscope.seeds import resolve_seed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from paretoscope.measurements import Measurements


def _simulate(
    data: Measurements | EfficiencyDraws,
    n_resamples: int,
    noise: str | Mapping[str, str],
    scope: str,
    rng: int | np.random.SeedSequence | np.random.Generator | None,
) -> tuple[Measurements, Iterator[NDArray[np.float64]]]:
    """The data and blocks of simulated metrics in the metrics' units; a bootstrap's own draws where one is given."""
    check_data(data.data if isinstance(data, EfficiencyDraws) else data)
    if isinstance(data, EfficiencyDraws):
        measured, resampler = data.data, data.resampler()
    else:
        sampler, notices = fit_noise(data, noise, scope)
        give_notice(notices, depth=2)
        measured, resampler = data, Resampler(sampler, resolve_seed(rng), check_count("n_resamples", n_resamples))
    units = resampler.sampler.units[:, np.newaxis]
    return measured, (block * units for block in resampler)


def pareto_probability(
    data: Measurements | EfficiencyDraws,
    *,
    n_resamples: int = 10_000,
    noise: str | Mapping[str, str] = "gaussian",
    scope: str = "run",
    rng: int | np.random.SeedSequence | np.random.Generator | None = None,
) -> pd.Series[float]:
    """Probability of each model to be on the Pareto front under measurement noise.

    Parameters
    ----------
    data : Measurements or EfficiencyDraws
        With draws, their simulated data sets are used and the options below are not.
    n_resamples, noise, scope, rng
        As for `bootstrap`.

    Returns
    -------
    Series
        Share of draws in which no other model is at least as good in every metric and better in one.

    Examples
    --------
    >>> import paretoscope as ps
    >>> bool(ps.pareto_probability(ps.load("imagenet"), n_resamples=200, rng=0)["resnet50"] == 1.0)
    True
    """
    measured, samples = _simulate(data, n_resamples, noise, scope, rng)
    return front_probability(samples, measured.models, n_inputs=len(measured.inputs))


def frontier(
    data: Measurements | EfficiencyDraws,
    x: str,
    y: str,
    *,
    kind: Kind = "staircase",
    n_resamples: int = 1_000,
    noise: str | Mapping[str, str] = "gaussian",
    scope: str = "run",
    rng: int | np.random.SeedSequence | np.random.Generator | None = None,
    grid: ArrayLike | None = None,
    quantiles: tuple[float, float, float] = QUANTILES,
) -> Frontier:
    """Frontier of two metrics at the means, and its quantile band over simulated data sets (the paper's Fig. 1a).

    Parameters
    ----------
    data : Measurements or EfficiencyDraws
        With draws, the band is that of their simulated data sets.
    x, y : str
        Two metrics of the data, inputs or outputs.
    kind : {"staircase", "hull"}
        Free disposal alone, or the hull of variable returns to scale.
    n_resamples, noise, scope, rng
        As for `bootstrap`; 0 resamples for no band.
    grid : array, optional
        Values of x at which the band is computed.
    quantiles : tuple of 3 floats
        Low, median and high.

    Returns
    -------
    Frontier

    Raises
    ------
    OptionError
        If a metric is not in the data.

    Examples
    --------
    >>> import paretoscope as ps
    >>> curve = ps.frontier(ps.load("imagenet"), x="latency_ms@cpu-1t", y="top1", n_resamples=0)
    >>> "dpn92" in curve.models, "vgg11" in curve.models
    (True, False)
    """
    measured = data.data if isinstance(data, EfficiencyDraws) else data
    check_data(measured)
    metrics = measured.metrics
    for name, metric in (("x", x), ("y", y)):
        if metric not in metrics:
            raise OptionError(
                f"{name}: found {metric!r}; expected one of {', '.join(metrics)}{nearest(metric, metrics)}"
            )
    samples = None
    if n_resamples != 0 or isinstance(data, EfficiencyDraws):
        _, samples = _simulate(data, n_resamples, noise, scope, rng)
    means = measured.mean
    return build_frontier(
        means[x].to_numpy(float),
        means[y].to_numpy(float),
        measured.models,
        x=x,
        y=y,
        x_is_input=x in measured.inputs,
        y_is_input=y in measured.inputs,
        kind=kind,
        samples=samples,
        x_row=metrics.index(x),
        y_row=metrics.index(y),
        grid=grid,
        quantiles=quantiles,
    )
