"""Seeds: any source of randomness a user gives, as numbered independent streams that can be made again."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from paretoscope.errors import OptionError, in_words, quote

RandomSource = int | np.random.SeedSequence | np.random.Generator | None


@dataclass(frozen=True, slots=True)
class Seed:
    """What it takes to make a random stream again: a SeedSequence as plain numbers."""

    entropy: int | tuple[int, ...]
    spawn_key: tuple[int, ...] = ()

    def generator(self, child: int) -> np.random.Generator:
        """The stream of a child; SFC64, because drawing normals is most of what a bootstrap does."""
        sequence = np.random.SeedSequence(self.entropy, spawn_key=(*self.spawn_key, child))
        return np.random.Generator(np.random.SFC64(sequence))


def resolve_seed(rng: RandomSource) -> Seed:
    """Turn what the user gave into a Seed.

    A Generator gives the seed it was made from and spawns a child, so that using it twice gives different draws.

    Raises
    ------
    OptionError
        If it is none of these.
    """
    if isinstance(rng, np.random.Generator):
        sequence = rng.bit_generator.seed_seq
        if not isinstance(sequence, np.random.SeedSequence):
            raise OptionError(
                "rng: found a Generator without a SeedSequence; expected one from numpy.random.default_rng"
            )
        (sequence,) = sequence.spawn(1)
    elif isinstance(rng, np.random.SeedSequence):
        sequence = rng
    elif rng is None or (isinstance(rng, int | np.integer) and not isinstance(rng, bool) and rng >= 0):
        sequence = np.random.SeedSequence(None if rng is None else int(rng))
    else:
        others = in_words(python=", a SeedSequence, a Generator or None", flags="")
        raise OptionError(f"rng: found {quote(rng)}; expected a whole number of at least 0{others}")
    entropy = sequence.entropy
    if entropy is None:
        raise OptionError("rng: found a SeedSequence without entropy; expected one made from numbers")
    numbers = int(entropy) if isinstance(entropy, int | np.integer) else tuple(int(word) for word in entropy)
    return Seed(numbers, tuple(int(key) for key in sequence.spawn_key))
