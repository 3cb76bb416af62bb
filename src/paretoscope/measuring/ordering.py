"""The order of runs: shuffled, so that what changes in the machine over time does not fall on one model."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable


def shuffled_round(models: Iterable[str], *, number: int, seed: int) -> list[str]:
    """Put the models of one round in random order.

    A round holds each model once, so that run k of every model happens at about the same time: a drift of the machine
    adds to the spread of all models, and hardly to their differences, and a session that ends early leaves all models
    with the same number of runs, give or take one.  A shuffle over all runs would promise neither.

    Models are sorted by a hash of seed, round and name.  So the order of some of the models is that of all of them with
    the others left out, and what remains after an interruption comes in the order in which it would have come.

    Parameters
    ----------
    models : iterable of str
        Distinct names, in any order.
    number : int
        The round, which is the number of its runs, from 1.
    seed : int
        Another seed gives another order.

    Returns
    -------
    list of str
        The models, shuffled.

    Examples
    --------
    >>> shuffled_round(["a", "b", "c", "d"], number=2, seed=0)
    ['a', 'd', 'c', 'b']
    >>> shuffled_round(["b", "c", "d"], number=2, seed=0)
    ['d', 'c', 'b']
    """

    def key(model: str) -> bytes:
        return hashlib.sha256(f"{seed}\0{number}\0{model}".encode()).digest()

    return sorted(models, key=key)
