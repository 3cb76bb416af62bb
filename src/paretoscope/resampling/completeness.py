"""Draws with unknown scores: which of them answers come from, and what a user should know of it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from paretoscope.arrays import Array, BoolArray
from paretoscope.errors import UncertifiedWarning, quote
from paretoscope.notices import Notice, Notices

_ENOUGH = 0.5  # of the draws


def find_complete(draws: Array) -> tuple[BoolArray, BoolArray]:
    """Which draws know the score of every model that is waited for, and which models are not.

    The models that lack most are given up, one by one, until half of the draws are complete.

    Parameters
    ----------
    draws : (n_resamples, n_models) array
        NaN where a score is unknown.

    Returns
    -------
    complete : (n_resamples,) array
    given_up : (n_models,) array
    """
    unknown = np.isnan(draws)
    given_up = np.zeros(draws.shape[1], np.bool_)
    for model in np.argsort(-unknown.sum(axis=0), kind="stable"):
        complete = np.asarray(~unknown[:, ~given_up].any(axis=1), np.bool_)
        if complete.mean() >= _ENOUGH:
            return complete, given_up
        given_up[model] = True
    return np.ones(len(draws), np.bool_), given_up


def keep_complete(draws: Array) -> Array:
    """The complete draws, with 0 for the unknown scores of models that are given up."""
    complete, _ = find_complete(draws)
    return np.nan_to_num(draws[complete], nan=0.0)


def note_unknown(draws: Array, models: Sequence[str]) -> Notices:
    """Say how many scores are unknown, and what becomes of them."""
    n_unknown = int(np.isnan(draws).sum())
    if not n_unknown:
        return []
    complete, given_up = find_complete(draws)
    message = (
        f"{n_unknown} of {draws.size} scores could not be certified and are NaN; "
        f"answers come from the {complete.sum()} of {len(draws)} draws that are complete"
    )
    if given_up.any():
        others = f" (and {given_up.sum() - 1} more)" if given_up.sum() > 1 else ""
        name = quote(models[int(np.argmax(given_up))])
        message += f", in which unknown scores of model {name}{others} count as 0, since it lacks too many"
    return [Notice(UncertifiedWarning, f"{message}; draw again with paretoscope's own bootstrap")]
