"""The Pareto front and the frontier of two metrics on simulated data sets, as users call them."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd
from numpy.typing import ArrayLike

from paretoscope.arrays import DEFAULT_SCOPE, Array, check_choice
from paretoscope.errors import OptionError, quote
from paretoscope.fronts.curves import QUANTILES, Axis, Kind
from paretoscope.fronts.pareto import Frontier, build_frontier, front_probability
from paretoscope.measurements import Measurements, check_data
from paretoscope.noise.families import DEFAULT_NOISE, Noise
from paretoscope.noise.seeds import RandomSource
from paretoscope.noise.simulation import DEFAULT_RESAMPLES, Resampler, simulate
from paretoscope.notices import Notices, give_notice
from paretoscope.resampling.draws import EfficiencyDraws

BAND_RESAMPLES = 1_000  # draws that a band has by default


def resampler_of(
    data: Measurements | EfficiencyDraws,
    *,
    n_resamples: int | None,
    noise: Noise | None,
    scope: str | None,
    rng: RandomSource,
) -> tuple[Resampler, Notices]:
    """Simulated data sets: a bootstrap's own where one is given, else new ones, as many as of a bootstrap by default.

    Raises
    ------
    OptionError
        If an option is given beside draws, where it would change nothing.
    """
    if isinstance(data, EfficiencyDraws):
        _refuse_beside_draws(n_resamples=n_resamples, noise=noise, scope=scope, rng=rng)
        return data.resampler(), []
    return simulate(
        data,
        n_resamples=DEFAULT_RESAMPLES if n_resamples is None else n_resamples,
        noise=DEFAULT_NOISE if noise is None else noise,
        scope=DEFAULT_SCOPE if scope is None else scope,
        rng=rng,
        need_input=False,  # order is all that counts
    )


def band_samples(
    data: Measurements | EfficiencyDraws,
    metrics: tuple[str, str],
    *,
    n_resamples: int | None,
    noise: Noise | None,
    scope: str | None,
    rng: RandomSource,
) -> tuple[Iterator[Array] | None, Notices]:
    """Batches of two simulated metrics for a band: 1,000 data sets by default, None if 0 are asked for."""
    if n_resamples == 0:
        if isinstance(data, EfficiencyDraws):
            _refuse_beside_draws(noise=noise, scope=scope, rng=rng)
        return None, []
    if n_resamples is None and not isinstance(data, EfficiencyDraws):
        n_resamples = BAND_RESAMPLES
    resampler, notices = resampler_of(data, n_resamples=n_resamples, noise=noise, scope=scope, rng=rng)
    return resampler.in_units(metrics), notices


def _refuse_beside_draws(**options: object) -> None:
    for name, found in options.items():
        if found is not None:
            raise OptionError(
                f"{name}: found {quote(found)} beside draws, which were made with their own; expected none; leave "
                "it out, or pass the measurements (.data)"
            )


def pareto_probability(
    data: Measurements | EfficiencyDraws,
    *,
    n_resamples: int | None = None,
    noise: Noise | None = None,
    scope: str | None = None,
    rng: RandomSource = None,
) -> pd.Series[float]:
    """Probability of each model to be on the Pareto front under measurement noise.

    Parameters
    ----------
    data : Measurements or EfficiencyDraws
        With draws, their simulated data sets are used, and none of the options below may be given.
    n_resamples, noise, scope, rng
        As for `bootstrap`, with its defaults.

    Returns
    -------
    Series
        Share of draws in which no other model is at least as good in every metric and better in one.

    Raises
    ------
    OptionError, DataError
        As `bootstrap`, and where an option is given beside draws.

    Warns
    -----
    FewRunsWarning
        See `paretoscope.errors`.

    Examples
    --------
    >>> import paretoscope as ps
    >>> bool(ps.pareto_probability(ps.load("imagenet"), n_resamples=200, rng=0)["resnet50"] == 1.0)
    True
    """
    measured = data.data if isinstance(data, EfficiencyDraws) else data
    check_data(measured)
    resampler, notices = resampler_of(data, n_resamples=n_resamples, noise=noise, scope=scope, rng=rng)
    give_notice(notices)
    return front_probability(resampler.in_units(), measured.models, n_inputs=len(measured.inputs))


def frontier(
    data: Measurements | EfficiencyDraws,
    x: str,
    y: str,
    *,
    kind: Kind = "staircase",
    n_resamples: int | None = None,
    noise: Noise | None = None,
    scope: str | None = None,
    rng: RandomSource = None,
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
        As for `bootstrap`, with 1,000 draws by default; none of them may be given with draws, but for 0 resamples,
        which ask for no band.
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
        If a metric is not in the data, or an option is given beside draws.
    DataError
        If a metric does not fit its noise family.

    Warns
    -----
    FewRunsWarning
        See `paretoscope.errors`.

    Examples
    --------
    >>> import paretoscope as ps
    >>> curve = ps.frontier(ps.load("imagenet"), x="latency_ms@cpu-1t", y="top1", n_resamples=0)
    >>> "dpn92" in curve.models, "vgg11" in curve.models
    (True, False)
    """
    measured = data.data if isinstance(data, EfficiencyDraws) else data
    check_data(measured)
    metrics, means = measured.metrics, measured.mean
    for name, metric in (("x", x), ("y", y)):
        check_choice(name, metric, metrics)
    samples, notices = band_samples(data, (x, y), n_resamples=n_resamples, noise=noise, scope=scope, rng=rng)
    give_notice(notices)
    along_x, along_y = (Axis(metric, metric in measured.inputs, means[metric].to_numpy(float)) for metric in (x, y))
    return build_frontier(
        along_x,
        along_y,
        measured.models,
        kind=kind,
        samples=samples,
        grid=grid,
        quantiles=quantiles,
    )
