"""Simulated data sets in batches, which are the same whoever asks for them, and when."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np

from paretoscope.arrays import Array, IntArray, check_count
from paretoscope.measurements import Measurements
from paretoscope.noise.families import Noise
from paretoscope.noise.fitting import fit_noise
from paretoscope.noise.sampler import Sampler
from paretoscope.noise.seeds import RandomSource, Seed, resolve_seed
from paretoscope.notices import Notices

DEFAULT_RESAMPLES: Final = 10_000
# A batch of draws is solved by one thread.  Its size depends on the data alone, never on the number of threads;
# another size gives other draws.
VALUES_PER_BATCH = 2**17
_FEWEST_DRAWS_PER_BATCH = 4


class Resampler:
    """Simulated data sets in fixed batches: batch c comes from child c of the seed.

    Parameters
    ----------
    sampler : Sampler
    seed : Seed
    n_resamples : int
        How many data sets there are.
    """

    def __init__(self, sampler: Sampler, seed: Seed, n_resamples: int) -> None:
        n_metrics, n_models = sampler.shape
        self.sampler = sampler
        self.seed = seed
        self.n_resamples = n_resamples
        self.batch_size = max(_FEWEST_DRAWS_PER_BATCH, VALUES_PER_BATCH // (n_metrics * n_models))
        self.n_batches = -(-n_resamples // self.batch_size)

    def allocate_batch(self) -> Array:
        """Room for the draws of a batch."""
        return np.empty((self.batch_size, *self.sampler.shape))

    def draw_batch(self, batch: int, out: Array | None = None) -> tuple[Array, IntArray]:
        """Simulated metrics, (n_draws, n_metrics, n_models) in the sampler's units, and how many were drawn again.

        The latter by metric and model, (n_metrics, n_models).  The former are written into `out`, if given.
        """
        out = self.allocate_batch() if out is None else out
        # A whole batch is drawn even where fewer draws are wanted, so that draw b never depends on how many there are.
        n_wanted = self.n_resamples - batch * self.batch_size
        n_redrawn = self.sampler.draw(self.seed.generator(batch), out, n_wanted)
        return out[:n_wanted], n_redrawn

    def __iter__(self) -> Iterator[Array]:
        """All batches in order, in the sampler's units."""
        for batch in range(self.n_batches):
            yield self.draw_batch(batch)[0]

    def in_units(self, metrics: Sequence[str] | None = None) -> Iterator[Array]:
        """All batches in order, in the metrics' own units: of some metrics, or of all."""
        known = self.sampler.metrics
        rows = [known.index(metric) for metric in (known if metrics is None else metrics)]
        units = self.sampler.units[rows, np.newaxis]
        for batch in self:
            yield batch[:, rows] * units

    def sample(self, b: int) -> Array:
        """Data set b, (n_metrics, n_models), in the metrics' own units."""
        batch, position = divmod(b, self.batch_size)
        sample: Array = self.draw_batch(batch)[0][position] * self.sampler.units[:, np.newaxis]
        return sample

    def first(self, n_resamples: int) -> Resampler:
        """The same data sets, but no more of them than so many."""
        return Resampler(self.sampler, self.seed, min(n_resamples, self.n_resamples))


def simulate(
    data: Measurements,
    *,
    n_resamples: int,
    noise: Noise,
    scope: str,
    rng: RandomSource,
    need_input: bool = True,
) -> tuple[Resampler, Notices]:
    """Fit the noise to the runs; what makes the simulated data sets, and what the caller should warn of.

    Raises
    ------
    OptionError, DataError
        As `fit_noise`, and where `n_resamples` or `rng` cannot be used.
    """
    n_resamples = check_count("n_resamples", n_resamples)
    seed = resolve_seed(rng)
    sampler, notices = fit_noise(data, noise, scope, need_input=need_input)
    return Resampler(sampler, seed, n_resamples), notices
