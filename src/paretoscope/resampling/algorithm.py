"""Algorithm 1: the parametric bootstrap of the frontier, from noisy measurements to a distribution of efficiency."""

from __future__ import annotations

import os
import sys
from contextlib import nullcontext
from typing import Any

import numpy as np

from paretoscope.arrays import (
    DEFAULT_SCOPE,
    FRONTIERS,
    RTS,
    SCOPES,
    Array,
    IntArray,
    resolve_choice,
)
from paretoscope.dea.efficiencies import score_models
from paretoscope.dea.review import review
from paretoscope.dea.suitability import check_suitable, divides_by_inputs, resolve_orientation
from paretoscope.errors import OptionError, quote
from paretoscope.measurements import Measurements, check_data
from paretoscope.noise.families import DEFAULT_NOISE, Noise
from paretoscope.noise.seeds import RandomSource
from paretoscope.noise.simulation import DEFAULT_RESAMPLES, Resampler, simulate
from paretoscope.noise.truncation import review_truncation
from paretoscope.notices import Notices, give_notice
from paretoscope.resampling.draws import EfficiencyDraws
from paretoscope.resampling.solvers import Solver, make_solver, take


def resolve_jobs(n_jobs: object) -> int:
    """Number of threads; -1 means one a core."""
    if isinstance(n_jobs, bool) or not isinstance(n_jobs, int | np.integer) or n_jobs == 0 or n_jobs < -1:
        raise OptionError(f"n_jobs: found {quote(n_jobs)}; expected a number of threads, or -1 for one a core")
    return (os.cpu_count() or 1) if n_jobs == -1 else int(n_jobs)


def bootstrap(
    data: Measurements,
    *,
    n_resamples: int = DEFAULT_RESAMPLES,
    rts: str = "vrs",
    orientation: str | None = None,
    noise: Noise = DEFAULT_NOISE,
    scope: str = DEFAULT_SCOPE,
    frontier: str = "random",
    rng: RandomSource = None,
    n_jobs: int = 1,
    progress: bool | None = None,
) -> EfficiencyDraws:
    r"""Distribution of every model's efficiency under measurement noise (Algorithm 1 of [1]_).

    Fits each model's spread to its runs, then draws data sets of all models at once and scores each data set exactly,
    so that the frontier is random too.

    Parameters
    ----------
    data : Measurements
    n_resamples : int
        Number of draws, B.
    rts, orientation
        As for `efficiency`.
    noise : str or mapping from metric to str
        ``"gaussian"`` (the paper's), ``"lognormal"``, ``"moderated"`` (predictive, with spreads that models lend each
        other: the one to take for few runs), ``"student"`` (predictive: allows for a spread estimated from few
        runs), ``"empirical"`` (whole runs resampled), ``"exact"``, ``"3%"`` or ``"binomial(50000)"``; a mapping names
        them metric by metric, ``"*"`` the rest.  Draws outside a metric's domain (a negative latency, a percentage
        above 100) are drawn again.
    scope : {"run", "mean"}
        What varies: one run of a deployment (the paper's), or our knowledge of the mean.
    frontier : {"random", "fixed"}
        Whether all models vary in a draw (the paper's), or only the model in question, against the others' means.
    rng : int, SeedSequence, Generator or None
        Seed.  The same seed gives the same bytes for every `n_jobs`; None takes fresh entropy, kept in the result.
    n_jobs : int
        Threads; -1 for one a core.
    progress : bool, optional
        Show a progress bar; by default on a terminal.

    Returns
    -------
    EfficiencyDraws

    Raises
    ------
    OptionError, DataError
        As `efficiency`, and where a metric does not fit its noise family.

    Warns
    -----
    FewModelsWarning, FewRunsWarning, NoiseFitWarning, ShiftWarning, SmallnessWarning, TruncationWarning
        See `paretoscope.errors`.

    References
    ----------
    .. [1] Partovi Nia, Ghaffari, Zolnouri, Savaria (2022), "Rethinking Pareto Frontier for Performance Evaluation of
       Deep Neural Networks", Algorithm 1.

    Examples
    --------
    >>> import paretoscope as ps
    >>> sim = ps.bootstrap(ps.load("imagenet"), n_resamples=500, rng=0)
    >>> sim.draws.shape
    (500, 17)
    """
    sim, notices = resample(
        data,
        n_resamples=n_resamples,
        rts=rts,
        orientation=orientation,
        noise=noise,
        scope=scope,
        frontier=frontier,
        rng=rng,
        n_jobs=n_jobs,
        progress=progress,
    )
    give_notice(notices)
    return sim


def resample(
    data: Measurements,
    *,
    n_resamples: int,
    rts: str,
    orientation: str | None,
    noise: Noise,
    scope: str,
    frontier: str = "random",
    rng: RandomSource,
    n_jobs: int = 1,
    progress: bool | None = False,
) -> tuple[EfficiencyDraws, Notices]:
    """Do what `bootstrap` does, and return what it warns of; safe to be called from several threads."""
    check_data(data)
    rts = resolve_choice("rts", rts, RTS)
    orientation = resolve_orientation(data, rts, orientation)
    frontier = resolve_choice("frontier", frontier, FRONTIERS)
    scope = resolve_choice("scope", scope, SCOPES)
    n_jobs = resolve_jobs(n_jobs)
    check_suitable(data, rts, orientation)
    resampler, of_noise = simulate(
        data,
        n_resamples=n_resamples,
        noise=noise,
        scope=scope,
        rng=rng,
        need_input=divides_by_inputs(rts, orientation),
    )
    sampler, n_resamples = resampler.sampler, resampler.n_resamples
    at_means = score_models(data, rts, orientation)
    notices = review(data, rts, orientation) + of_noise
    solve = make_solver(data, rts, orientation, frontier)
    try:
        scores = np.empty((n_resamples, len(data.models)))
    except (MemoryError, ValueError):
        raise OptionError(
            f"n_resamples: found {n_resamples}; expected as many as fit in memory, 8 bytes a model and draw"
        ) from None
    n_exact, n_redrawn = solve_batches(resampler, solve, scores, n_jobs, progress)
    notices += review_truncation(data, sampler, n_redrawn, n_resamples)
    sim = EfficiencyDraws(
        data=data,
        draws=scores,
        efficiency=at_means.scores,
        rts=rts,
        orientation=orientation,
        stated_noise={metric: str(family) for metric, family in zip(data.metrics, sampler.families, strict=True)},
        scope=scope,
        frontier=frontier,
        seed=resampler.seed,
        status={"certified": scores.size - n_exact, "exact": n_exact},
        n_redrawn=int(n_redrawn.sum()),
        notices=tuple(message for _, message in notices),
    )
    return sim, notices


def solve_batches(
    resampler: Resampler, solve: Solver, scores: Array, n_jobs: int, progress: bool | None
) -> tuple[int, IntArray]:
    """Draw and solve all batches, each into its own rows of `scores`.

    Returns how many scores had to be found exactly, and how many values were drawn again, (n_metrics, n_models).
    """
    size = resampler.batch_size
    left = list(reversed(range(resampler.n_batches)))  # the first last, where it is taken from
    n_jobs = min(n_jobs, resampler.n_batches)
    shown = sys.stderr.isatty() if progress is None else progress

    def solve_remaining() -> tuple[int, IntArray]:
        n_exact, n_redrawn = 0, np.zeros(resampler.sampler.shape, np.int64)
        buffer = resampler.allocate_batch()
        while (batch := take(left)) is not None:
            draws, redrawn = resampler.draw_batch(batch, buffer)
            n_exact += solve(draws, scores[batch * size : batch * size + len(draws)])
            n_redrawn += redrawn
            if bar:
                bar.advance(task, len(draws))
        return n_exact, n_redrawn

    with _progress_bar() if shown else nullcontext() as bar:
        task = bar.add_task("bootstrap", total=resampler.n_resamples) if bar else None
        try:
            if n_jobs == 1:
                return solve_remaining()
            from joblib import Parallel, delayed

            # Threads, because the kernels release the interpreter's lock and the scores need not be copied.  Each takes
            # the next batch until none is left: a task for every batch would have threads of joblib's in the way.
            counts = Parallel(n_jobs, require="sharedmem")(delayed(solve_remaining)() for _ in range(n_jobs))
        finally:
            left.clear()  # after an error, or an interruption, the other threads end with the batch they are at
    return sum(n_exact for n_exact, _ in counts), sum(n_redrawn for _, n_redrawn in counts)


def _progress_bar() -> Any:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    return Progress(*columns, console=Console(stderr=True), transient=True)
