"""Step 1 of Algorithm 1: fit each model's spread in each metric to its runs."""

from __future__ import annotations

import numpy as np

from paretoscope.arrays import DEFAULT_SCOPE, SCOPES, Array, resolve_choice
from paretoscope.measurements import Measurements, check_data
from paretoscope.noise.families import DEFAULT_NOISE, Noise, resolve_noise
from paretoscope.noise.families.exact import Exact
from paretoscope.noise.few_runs import review_runs
from paretoscope.noise.fit_check import review_fit
from paretoscope.noise.fitted import FittedMetric, RedrawnMetric
from paretoscope.noise.runs import NOT_NEGATIVE, MetricRuns, runs_by_metric
from paretoscope.noise.sampler import Sampler
from paretoscope.notices import Notices


def fit_noise(
    data: Measurements, noise: Noise = DEFAULT_NOISE, scope: str = DEFAULT_SCOPE, *, need_input: bool = True
) -> tuple[Sampler, Notices]:
    """Fit the noise model to the runs.

    Parameters
    ----------
    data : Measurements
    noise : str or mapping from metric to str
        See `parse_family`.  Metrics without repeats are exact under the families that need repeats.
    scope : {"run", "mean"}
        Whether a draw is one more run (standard deviation of a run) or one more estimate of the mean (divided by the
        root of the number of runs).
    need_input : bool
        Whether no draw may have 0 for all inputs of a model, since what follows divides by them.

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
        If a metric does not fit its family: an exact one whose repeats differ, a binomial one that is no share, a
        lognormal one that is not positive, an empirical one or a Student one without runs.
    """
    check_data(data)
    scope = resolve_choice("scope", scope, SCOPES)
    families = resolve_noise(noise, data.metrics)
    metrics = list(runs_by_metric(data))
    fitted = []
    for metric in metrics:
        family = families[metric.name]
        family.check(metric, scope)
        fitted.append(family.fit(metric, scope))
    inputs, n_models = fitted[: len(data.inputs)] if need_input else [], len(data.models)
    above, below = np.stack([_domain(*both) for both in zip(metrics, fitted, strict=True)], axis=1)
    sampler = Sampler(
        metrics=data.metrics,
        models=data.models,
        families=tuple(families.values()),
        fitted=tuple(fitted),
        units=np.array([metric.unit for metric in metrics]),
        above=above,
        below=below,
        n_needed=len(inputs),
        can_lack=np.all([metric.can_vanish for metric in inputs], axis=0) if inputs else np.zeros(n_models, np.bool_),
    )
    return sampler, review_runs(metrics, families) + review_fit(data, families, scope)


def name_noise(data: Measurements, noise: Noise) -> dict[str, str]:
    """Name the noise that each metric is drawn with: "exact" where it was to be learned from runs, and none differ.

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"model": ["a", "a", "b", "b"], "ms": [1.0, 1.1, 2.0, 2.1], "top1": [70.0, 70, 75, 75]})
    >>> name_noise(Measurements.from_frame(frame, inputs="ms", outputs="top1"), "student")
    {'ms': 'student', 'top1': 'exact'}
    """
    sd = data.sd
    return {
        metric: str(family) if not family.rests_on_runs or sd[metric].gt(0.0).any() else Exact.form
        for metric, family in resolve_noise(noise, data.metrics).items()
    }


def _domain(metric: MetricRuns, fitted: FittedMetric) -> Array:
    """Between which values a draw belongs to its metric, (2, n_models): any, where draws cannot leave its domain."""
    anything = np.array([[-np.inf], [np.inf]])
    above, below = metric.domain
    # An input that is a count may be 0, where it is one of several, or nobody divides by it.
    above_each = np.where(fitted.can_vanish & (above == 0.0), NOT_NEGATIVE, above)
    bounds = np.array([above_each, np.full(len(metric.models), below)])
    can_leave = fitted.can_leave if isinstance(fitted, RedrawnMetric) else np.zeros(len(metric.models), np.bool_)
    return np.where(can_leave, bounds, anything)
