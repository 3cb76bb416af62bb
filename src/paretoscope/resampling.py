"""Algorithm 1: the parametric bootstrap of the frontier, from noisy measurements to a distribution of efficiency."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import nullcontext
from copy import copy
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from paretoscope.dea import ORIENTATIONS, RTS, efficiency, technology_of
from paretoscope.errors import OptionError, TruncationWarning, UncertifiedWarning
from paretoscope.noise import fit_noise
from paretoscope.notices import Notices, check_choice, check_data, give_notice, review
from paretoscope.seeds import Seed, resolve_seed

if TYPE_CHECKING:
    from paretoscope.draws import EfficiencyDraws
    from paretoscope.kernels.envelopment import Room
    from paretoscope.kernels.technology import Technology
    from paretoscope.measurements import Measurements
    from paretoscope.sampler import Sampler

FRONTIERS: Final = ("random", "fixed")
# A block of draws is solved by one thread.  Its size depends on the data alone, never on the number of threads.
_VALUES_PER_BLOCK = 2**17
_FEWEST_DRAWS_PER_BLOCK = 4
_TOO_MANY_REDRAWN = 0.01

Array = NDArray[np.float64]
Item = TypeVar("Item")


class Resampler:
    """Simulated data sets in fixed blocks: block c comes from child c of the seed, whoever asks for it and when."""

    def __init__(self, sampler: Sampler, seed: Seed, n_resamples: int) -> None:
        n_metrics, n_models = sampler.location.shape
        self.sampler = sampler
        self.seed = seed
        self.n_resamples = n_resamples
        self.block_size = max(_FEWEST_DRAWS_PER_BLOCK, _VALUES_PER_BLOCK // (n_metrics * n_models))
        self.n_blocks = -(-n_resamples // self.block_size)

    def allocate_block(self) -> Array:
        """Room for the draws of a block."""
        return np.empty((self.block_size, *self.sampler.location.shape))

    def draw_block(self, block: int, out: Array | None = None) -> tuple[Array, NDArray[np.int64]]:
        """Simulated metrics, (n_draws, n_metrics, n_models) in the sampler's units, and how many were drawn again.

        The latter by metric and model, (n_metrics, n_models).  The former are written into `out`, if given.
        """
        out = self.allocate_block() if out is None else out
        # A whole block is drawn even where fewer draws are wanted, so that draw b never depends on how many there are.
        n_wanted = self.n_resamples - block * self.block_size
        n_redrawn = self.sampler.draw(self.seed.generator(block), out, n_wanted)
        return out[:n_wanted], n_redrawn

    def __iter__(self) -> Iterator[Array]:
        """All blocks in order."""
        for block in range(self.n_blocks):
            yield self.draw_block(block)[0]


def check_count(name: str, found: object, least: int = 1) -> int:
    """Raise OptionError unless `found` is a whole number of at least `least`."""
    if isinstance(found, bool) or not isinstance(found, int | np.integer) or found < least:
        raise OptionError(f"{name}: found {found!r}; expected a whole number of at least {least}")
    return int(found)


def resolve_jobs(n_jobs: object) -> int:
    """Number of threads; -1 means one a core."""
    if isinstance(n_jobs, bool) or not isinstance(n_jobs, int | np.integer) or n_jobs == 0 or n_jobs < -1:
        raise OptionError(f"n_jobs: found {n_jobs!r}; expected a number of threads, or -1 for one a core")
    return (os.cpu_count() or 1) if n_jobs == -1 else int(n_jobs)


def bootstrap(
    data: Measurements,
    *,
    n_resamples: int = 10_000,
    rts: str = "vrs",
    orientation: str = "input",
    noise: str | Mapping[str, str] = "gaussian",
    scope: str = "run",
    frontier: str = "random",
    rng: int | np.random.SeedSequence | np.random.Generator | None = None,
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
        ``"gaussian"`` (the paper's), ``"lognormal"``, ``"student"`` (predictive: allows for a spread estimated from few
        runs), ``"empirical"`` (whole runs resampled), ``"exact"``, ``"3%"`` or ``"binomial(50000)"``; a mapping names
        them metric by metric, ``"*"`` the rest.  Draws outside a metric's domain (an input of 0, a percentage above
        100) are drawn again.
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
        If an option is unknown, or a metric does not fit its noise family.

    Warns
    -----
    FewModelsWarning, FewRunsWarning, SmallnessWarning, TruncationWarning, UncertifiedWarning
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
    import warnings

    from paretoscope.draws import EfficiencyDraws

    check_data(data)
    check_choice("rts", rts, RTS)
    check_choice("orientation", orientation, ORIENTATIONS)
    check_choice("frontier", frontier, FRONTIERS)
    n_resamples = check_count("n_resamples", n_resamples)
    jobs = resolve_jobs(n_jobs)
    seed = resolve_seed(rng)
    sampler, notices = fit_noise(data, noise, scope)
    notices = review(data, rts) + notices
    resampler = Resampler(sampler, seed, n_resamples)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the same notices, given below
        at_means = efficiency(data, rts=rts, orientation=orientation)
    solve = _solver(data, sampler, rts, orientation, frontier)
    try:
        scores = np.empty((n_resamples, len(data.models)))
    except (MemoryError, ValueError):
        raise OptionError(
            f"n_resamples: found {n_resamples}; expected as many as fit in memory, 8 bytes a model and draw"
        ) from None
    n_highs, n_redrawn = _solve_blocks(resampler, solve, scores, jobs, progress)
    notices += _truncated(sampler, n_redrawn, n_resamples)
    uncertain = int(np.isnan(scores).sum()) if n_highs else 0  # the kernels certify all else
    if uncertain:
        notices.append((UncertifiedWarning, f"{uncertain} of {scores.size} scores could not be certified and are NaN"))
    give_notice(notices)
    return EfficiencyDraws(
        data=data,
        draws=scores,
        efficiency=at_means.scores,
        rts=rts,
        orientation=orientation,
        noise={metric: str(spread) for metric, spread in zip(data.metrics, sampler.spreads, strict=True)},
        scope=scope,
        frontier=frontier,
        seed=seed,
        status={"certified": scores.size - n_highs, "highs": n_highs - uncertain, "uncertified": uncertain},
        n_redrawn=int(n_redrawn.sum()),
        notices=tuple(message for _, message in notices),
    )


def _truncated(sampler: Sampler, n_redrawn: NDArray[np.int64], n_resamples: int) -> Notices:
    """Name the metric and model whose draws left the domain most often, if often."""
    share = n_redrawn / n_resamples
    metric, model = np.unravel_index(int(np.argmax(share)), share.shape)
    if share[metric, model] <= _TOO_MANY_REDRAWN:
        return []
    n_others = int(np.count_nonzero(share > _TOO_MANY_REDRAWN)) - 1
    others = f" (and {n_others} more such)" if n_others else ""
    message = (
        f"metric {sampler.metrics[metric]!r} of model {sampler.models[model]!r}: {share[metric, model]:.1%} of its "
        f"simulated values left the metric's domain and were drawn again{others}, which narrows the spread; "
        "noise='lognormal' suits positive metrics with a large one"
    )
    return [(TruncationWarning, message)]


def _solve_blocks(
    resampler: Resampler, solve: Solver, scores: Array, jobs: int, progress: bool | None
) -> tuple[int, NDArray[np.int64]]:
    """Draw and solve all blocks, each into its own rows of `scores`.

    Returns how many scores HiGHS had to find, and how many values were drawn again, (n_metrics, n_models).
    """
    size = resampler.block_size
    left = list(reversed(range(resampler.n_blocks)))  # the first last, where it is taken from
    jobs = min(jobs, resampler.n_blocks)
    shown = sys.stderr.isatty() if progress is None else progress

    def solve_blocks() -> tuple[int, NDArray[np.int64]]:
        n_highs, n_redrawn = 0, np.zeros(resampler.sampler.location.shape, np.int64)
        buffer = resampler.allocate_block()
        while (block := _take(left)) is not None:
            draws, redrawn = resampler.draw_block(block, buffer)
            n_highs += solve(draws, scores[block * size : block * size + len(draws)])
            n_redrawn += redrawn
            if bar:
                bar.advance(task, len(draws))
        return n_highs, n_redrawn

    with _progress_bar() if shown else nullcontext() as bar:
        task = bar.add_task("bootstrap", total=resampler.n_resamples) if bar else None
        try:
            if jobs == 1:
                return solve_blocks()
            from joblib import Parallel, delayed

            # Threads, because the kernels release the interpreter's lock and the scores need not be copied.  Each takes
            # the next block until none is left: a task for every block would have threads of joblib's in the way.
            counts = Parallel(jobs, require="sharedmem")(delayed(solve_blocks)() for _ in range(jobs))
        finally:
            left.clear()  # after an error, or an interruption, the other threads end with the block they are at
    return sum(n_highs for n_highs, _ in counts), sum(n_redrawn for _, n_redrawn in counts)


def _progress_bar() -> Any:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    return Progress(*columns, console=Console(stderr=True), transient=True)


def _take(items: list[Item]) -> Item | None:
    """Take the last of what several threads take from; None if there is none."""
    try:
        return items.pop()
    except IndexError:
        return None


class Solver(Protocol):
    """Scores a block of draws into a given array; returns how many scores HiGHS had to find."""

    def __call__(self, draws: Array, scores: Array, /) -> int:
        """Score the draws, (n_draws, n_metrics, n_models), which may be overwritten."""


def _solver(data: Measurements, sampler: Sampler, rts: str, orientation: str, frontier: str) -> Solver:
    """What scores a block under these options."""
    means = np.ascontiguousarray(data.mean[list(data.metrics)].to_numpy(float).T / sampler.units[:, np.newaxis])
    n_inputs = len(data.inputs)
    if rts == "fdh":
        return FreeDisposalSolver(n_inputs, orientation == "output", means if frontier == "fixed" else None)
    technology = technology_of(data, rts, orientation)
    return FixedFrontierSolver(technology, means) if frontier == "fixed" else RandomFrontierSolver(technology, means)


class RandomFrontierSolver:
    """All models vary, and the frontier with them.

    Every block starts from the facets of the means, so that it does not matter which blocks were solved before.
    """

    def __init__(self, technology: Technology, means: Array) -> None:
        from paretoscope.envelope import Envelope

        start = Envelope(technology, means)
        _, _, resting = start.envelop()
        self._technology = technology
        self._frame = start.frame
        # Those that a score rests on; the last ones of a full cache are not among the bases.
        self._bases = start.bases[np.unique(resting[(resting >= 0) & (resting < len(start.bases))])]
        self._idle: list[Room] = []  # new memory for every block would cost a tenth of the time

    def __call__(self, draws: Array, scores: Array, /) -> int:
        """Score the draws."""
        from paretoscope.envelope import Envelope
        from paretoscope.kernels.envelopment import allocate_room, envelop_draws
        from paretoscope.kernels.technology import CERTIFIED

        n_draws, _, n_models = draws.shape
        room = _take(self._idle) or allocate_room(self._technology, n_models, n_models)
        n_facets = len(self._bases)
        room.facets.basis[:n_facets] = self._bases
        status, best = np.empty((n_draws, n_models), np.int8), np.empty(n_models, np.int64)
        self._frame.apply_in_place(draws)
        envelop_draws(self._technology, draws, draws, True, room, n_facets, scores, status, best)
        self._idle.append(room)
        unsolved = status != CERTIFIED
        for draw in np.flatnonzero(unsolved.any(axis=1)):
            envelope = Envelope(self._technology, draws[draw])
            for model in np.flatnonzero(unsolved[draw]):
                score = envelope.solve_by_highs(draws[draw, :, model])
                scores[draw, model] = score if score <= 1.0 else np.nan  # a model is a peer of its own: HiGHS is wrong
        return int(unsolved.sum())


class FixedFrontierSolver:
    """Only the model in question varies: it meets the others' means, and itself."""

    def __init__(self, technology: Technology, means: Array) -> None:
        from paretoscope.envelope import Envelope

        self._others = [Envelope(technology, np.delete(means, o, axis=1)) for o in range(means.shape[1])]
        room = self._others[0].allocate(means.shape[1])
        for others in self._others:
            others.envelop(means, room)  # finds most facets once, for every block to start from
        self._idle: list[Room] = []

    def __call__(self, draws: Array, scores: Array, /) -> int:
        """Score the draws."""
        from paretoscope.kernels.technology import INFEASIBLE, UNRESOLVED

        room = _take(self._idle)
        if room is None or room.workspace.queue.size != len(draws):
            room = self._others[0].allocate(len(draws))
        n_highs = 0
        for o, others in enumerate(self._others):
            points = np.ascontiguousarray(draws[:, :, o].T)
            # A copy, which may find facets of its own, so that the blocks do not depend on each other.
            reached, status, _ = copy(others).envelop(points, room)
            for draw in np.flatnonzero(status == UNRESOLVED):
                reached[draw] = others.solve_by_highs(points[:, draw])
                n_highs += 1
            # Beyond what the others reach, the model is on the frontier that it makes itself.
            scores[:, o] = np.where(status == INFEASIBLE, 1.0, np.minimum(reached, 1.0))
        self._idle.append(room)
        return n_highs


class FreeDisposalSolver:
    """Free disposal without combinations, by enumeration."""

    def __init__(self, n_inputs: int, output_oriented: bool, fixed: Array | None) -> None:
        self._n_inputs = n_inputs
        self._output_oriented = output_oriented
        self._fixed = fixed

    def __call__(self, draws: Array, scores: Array, /) -> int:
        """Score the draws."""
        from paretoscope.kernels.free_disposal import free_disposal_draws, free_disposal_efficiency

        if self._fixed is None:
            free_disposal_draws(draws, self._n_inputs, self._output_oriented, scores)
            return 0
        n_draws, _, n_models = draws.shape
        peers, reached = np.empty(n_draws, np.int64), np.empty(n_draws)
        for o in range(n_models):
            points, skip = np.ascontiguousarray(draws[:, :, o].T), np.full(n_draws, o)
            free_disposal_efficiency(self._fixed, points, self._n_inputs, self._output_oriented, skip, reached, peers)
            scores[:, o] = np.minimum(reached, 1.0)
        return 0
