"""Whether runs can be trusted: drift, load, odd distributions of iterations, spread between runs, too few of them.

Each rule says how often it warns where nothing is wrong, and asks for an effect that matters besides: with enough runs
every machine drifts significantly.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from paretoscope.arrays import Array, IntArray
from paretoscope.errors import (
    DriftWarning,
    FewRunsWarning,
    IterationShapeWarning,
    LoadWarning,
    MixedMachinesWarning,
    RunSpreadWarning,
    in_words,
    unquoted,
)
from paretoscope.flags import option_name
from paretoscope.measuring.unimodality import dip
from paretoscope.notices import Notice, Notices

if TYPE_CHECKING:
    import pandas as pd

_DRIFT_RISK: Final = 0.01
_DRIFT_SHARE: Final = 0.02
_TAIL: Final = 2.0  # 99th percentile over the median
_DIP: Final = 0.85  # times the root of the sample's size
_MODES_APART: Final = 1.05
_STRIDE: Final = 5  # iterations; neighbours are correlated
_THINNED: Final = 200
_FEWEST_THINNED: Final = 20
_STRETCHES: Final = 10
_SPREAD_RATIO: Final = 5.0
_SPREAD_SHARE: Final = 0.03
_FEW: Final = 5


@dataclass(frozen=True, slots=True)
class RunShape:
    """What the iterations of one run tell about it.

    Attributes
    ----------
    modes_apart : float
        Ratio of the two modes' medians; NaN where one mode explains the iterations, or they are too few to tell.
    median_error : float
        Relative standard error of the run's median that its iterations explain; NaN where they are too few to tell.
    """

    modes_apart: float
    median_error: float


def describe_run(iterations_ns: Sequence[int]) -> RunShape:
    """Reduce a run's iterations to what the diagnosis asks of them.

    Neighbouring iterations are correlated.  For the modes only every fifth iteration counts, or fewer if that leaves
    more than 200.  The error of the median comes from the medians of 10 stretches of consecutive iterations, which
    allows for correlation within a stretch, and not for what lasts longer.

    Parameters
    ----------
    iterations_ns : sequence of int
        Times in nanoseconds, in their order.
    """
    times = np.asarray(iterations_ns, dtype=np.float64)
    stride = max(_STRIDE, math.ceil(len(times) / _THINNED))
    thinned = times[::stride]
    error = math.nan
    if len(times) >= 4 * _STRETCHES:
        medians = [np.median(stretch) for stretch in np.array_split(times, _STRETCHES)]
        error = float(np.std(medians, ddof=1) / math.sqrt(_STRETCHES) / np.median(times))
    return RunShape(_modes_apart(thinned) if len(thinned) >= _FEWEST_THINNED else math.nan, error)


def _modes_apart(times: Array) -> float:
    """Ratio of two modes, if the dip says that one cannot be; they are parted where the variance within is least."""
    if dip(times) * math.sqrt(len(times)) < _DIP:
        return math.nan
    ordered = np.sort(np.log(times))
    n_low = np.arange(1, len(ordered))
    sums = np.cumsum(ordered)
    between = (sums[:-1] - n_low * ordered.mean()) ** 2 / (n_low * (len(ordered) - n_low))
    cut = int(np.argmax(between)) + 1
    return float(np.exp(np.median(ordered[cut:]) - np.median(ordered[:cut])))


def diagnose(
    runs: pd.DataFrame,
    *,
    cores: int | None = None,
    threads: int = 1,
    shapes: Mapping[tuple[str, int], RunShape] | None = None,
) -> Notices:
    """Look for reasons to distrust the runs of one target.

    Parameters
    ----------
    runs : DataFrame
        One row a run, as `MeasuredRuns.table`.
    cores : int, optional
        That the system may use; without it load is not looked at.
    threads : int
        That the measurement itself keeps busy.
    shapes : mapping of (str, int) to RunShape, optional
        Of some runs, by model and run; rules about iterations see these only.

    Returns
    -------
    list of Notice
        What was found; each is one line with a remedy.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({"model": ["a"] * 2, "run": [1, 2], "latency_ms": [1.0, 1.1], "started": ["", ""]})
    >>> for category, message in diagnose(table):
    ...     print(category.__name__, message, sep=": ")
    FewRunsWarning: 1 model has fewer than 5 runs: a (2); expected 5, since few hardly tell a spread; raise runs
    """
    table = runs.sort_values("started", kind="stable")
    metric = _timed(table)
    if metric is None:
        return []
    shapes = shapes or {}
    found = [
        (DriftWarning, _drift(table, metric)),
        (LoadWarning, _load(table, cores, threads)),
        (IterationShapeWarning, _tails(table)),
        (IterationShapeWarning, _modes(shapes)),
        (RunSpreadWarning, _spread(table, metric, shapes)),
        (MixedMachinesWarning, _mixed(table)),
        (FewRunsWarning, _few(table)),
    ]
    return [Notice(category, message) for category, message in found if message]


def _timed(table: pd.DataFrame) -> str | None:
    for name in ("latency_ms", "train_step_ms"):
        if name in table and table[name].notna().any():
            return name
    return None


def _drift(table: pd.DataFrame, metric: str) -> str:
    """Test for a trend in time by Kendall's statistic, summed over models.

    It compares runs of the same model only, and needs neither a distribution nor equal spreads.  Where time plays no
    part it finds a trend with a probability of at most about 0.01; a total change of less than 2 % is passed over.

    References
    ----------
    Hirsch, Slack, Smith (1982), "Techniques of trend analysis for monthly water quality data", Water Resources Research
    18, 107-121: the seasonal Kendall test and slope, with models in place of months.
    """
    logs, positions = np.log(table[metric].to_numpy(float)), np.arange(len(table))
    score, variance = 0.0, 0.0
    slopes: list[Array] = []
    for rows in table.reset_index(drop=True).groupby("model", sort=False).indices.values():
        earlier, later = np.triu_indices(len(rows), 1)
        rise = logs[rows][later] - logs[rows][earlier]
        score += float(np.sign(rise).sum())
        ties = np.unique(logs[rows], return_counts=True)[1]
        variance += (_kendall_variance(np.array([len(rows)])) - _kendall_variance(ties)) / 18.0
        slopes.append(rise / (positions[rows][later] - positions[rows][earlier]))
    if variance <= 0.0:
        return ""
    z = max(abs(score) - 1.0, 0.0) / math.sqrt(variance)  # S changes in steps of 2
    p_value = math.erfc(z / math.sqrt(2.0))
    change = math.expm1(float(np.median(np.concatenate(slopes))) * (len(table) - 1))
    if p_value >= _DRIFT_RISK or abs(change) < _DRIFT_SHARE:
        return ""
    return (
        f"times {'rose' if change > 0 else 'fell'} by {100 * abs(change):.0f} % over the {len(table)} runs (p = "
        f"{p_value:.1g}); expected no trend; the shuffled order keeps it from favouring a model, but it widens every "
        "spread; let the machine settle, with other programs ended, and measure into another file"
    )


def _kendall_variance(sizes: IntArray) -> float:
    return float((sizes * (sizes - 1) * (2 * sizes + 5)).sum())


def is_loaded(load_average: float, *, cores: int, threads: int) -> bool:
    """Whether a run began while others kept more than half of the remaining cores busy, or half a core if none remain.

    The run before counts in the load of the last minute, with at most its threads, and is taken off.  Where nothing but
    the measurement runs, this cannot be.

    Examples
    --------
    >>> is_loaded(1.0, cores=2, threads=1), is_loaded(2.0, cores=2, threads=1)
    (False, True)
    """
    return load_average - threads > max(0.5, (cores - threads) / 2.0)


def _load(table: pd.DataFrame, cores: int | None, threads: int) -> str:
    """Warn of runs that began under load."""
    if cores is None or "load_average" not in table:
        return ""
    loads = [load for load in table["load_average"] if is_loaded(load, cores=cores, threads=threads)]
    if not loads:
        return ""
    again = in_words(
        python="call again with drop_loaded_runs=True", flags="give the same command with --drop-loaded-runs"
    )
    return (
        f"{len(loads)} of {len(table)} runs began under a load of up to {max(loads):.1f} on {cores} cores; expected "
        f"about {threads}, from the measurement itself; end other programs, and {again}, which measures these runs anew"
    )


def _tails(table: pd.DataFrame) -> str:
    """Warn if the 99th percentile of a model's iterations is more than twice their median, in half of its runs.

    Lognormal iterations stay below it up to a coefficient of variation of 25 %.
    """
    if "latency_ms_p99" not in table:
        return ""
    ratio = (table["latency_ms_p99"] / table["latency_ms"]).groupby(table["model"], sort=False).median()
    heavy = {str(model): f"{value:.1f}" for model, value in ratio[ratio > _TAIL].items()}
    if not heavy:
        return ""
    return (
        f"the slowest 1 % of iterations takes more than {_TAIL:g} times the median: {_listing(heavy)}; expected less "
        "where nothing interferes; end other programs, and look at latency_ms_p99 if such a tail matters to you"
    )


def _modes(shapes: Mapping[tuple[str, int], RunShape]) -> str:
    """Warn if iterations of a run have two modes that are 5 % apart or more, so that its median may be in either.

    By Hartigan's dip of at least 0.85 / sqrt(n), n being between 20 and 200: uniform iterations, which of all with one
    mode are the most likely to be taken for more, exceed that in fewer than 1 of 10,000 runs.  The smaller of two modes
    is seen in 95 % of the runs if it holds 30 % of 100 such iterations, or 20 % of 200.
    """
    counts: dict[str, int] = {}
    for (model, _), shape in shapes.items():
        if shape.modes_apart >= _MODES_APART:
            counts[model] = counts.get(model, 0) + 1
    if not counts:
        return ""
    worst = max(shape.modes_apart for shape in shapes.values() if shape.modes_apart >= _MODES_APART)
    noted = {model: f"{count} of {sum(name == model for name, _ in shapes)} runs" for model, count in counts.items()}
    return (
        f"iterations have two modes, up to a factor of {worst:.2f} apart: {_listing(noted)}; expected one; fix the "
        "clock frequency and keep the process on cores of one kind, or measure for longer, by "
        f"{option_name('min_time')}"
    )


def _spread(table: pd.DataFrame, metric: str, shapes: Mapping[tuple[str, int], RunShape]) -> str:
    """Warn if runs of a model differ by 5 times what their iterations explain, and by 3 % or more.

    If iterations explained all, three runs would do so with probability 3e-5, and five with 4e-8 (an F test).
    """
    noted = {}
    for model, rows in table.groupby("model", sort=False):
        errors = np.array([shape.median_error for (name, _), shape in shapes.items() if name == model])
        errors = errors[np.isfinite(errors)]
        times = rows[metric].to_numpy(float)
        if len(times) < 3 or not len(errors):
            continue
        between, within = times.std(ddof=1) / times.mean(), math.sqrt(np.mean(errors**2))
        if between >= _SPREAD_SHARE and between >= _SPREAD_RATIO * within:
            noted[str(model)] = f"{100 * between:.1f} % against {100 * within:.2g} %"
    if not noted:
        return ""
    return (
        f"runs differ by far more than their iterations explain: {_listing(noted)}; expected them to agree better; "
        "longer runs will not help, more runs will; look for what changes between processes, such as other programs"
    )


def _mixed(table: pd.DataFrame) -> str:
    if "machine" not in table:
        return ""
    counts = table.groupby("machine", sort=False).size()
    if len(counts) == 1:
        return ""
    noted = {str(machine): f"{count} runs" for machine, count in counts.items()}
    return (
        f"runs of one target come from {len(noted)} machines or settings: {_listing(noted)}; expected one, since their "
        "differences count as noise; measure them as targets of their own"
    )


def _few(table: pd.DataFrame) -> str:
    counts = table.groupby("model", sort=False).size()
    few = {str(model): str(count) for model, count in counts[counts < _FEW].items()}
    if not few:
        return ""
    have = "1 model has" if len(few) == 1 else f"{len(few)} models have"
    return (
        f"{have} fewer than {_FEW} runs: {_listing(few)}; expected {_FEW}, since few hardly tell a spread; "
        f"raise {option_name('runs')}"
    )


def _listing(noted: Mapping[str, str], shown: int = 5) -> str:
    parts: Iterable[str] = [f"{unquoted(model)} ({note})" for model, note in list(noted.items())[:shown]]
    return ", ".join(parts) + (f" and {len(noted) - shown} more" if len(noted) > shown else "")
