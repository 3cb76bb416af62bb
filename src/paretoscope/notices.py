"""Checks that all analyses share: of options, and of what a user should know before reading the numbers."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

from paretoscope.errors import FewModelsWarning, OptionError, SmallnessWarning, nearest

if TYPE_CHECKING:
    from paretoscope.measurements import Measurements

Notices = list[tuple[type[Warning], str]]


def check_choice(name: str, found: object, expected: tuple[str, ...]) -> None:
    """Raise OptionError unless `found` is one of the expected words."""
    if found not in expected:
        raise OptionError(
            f"{name}: found {found!r}; expected one of {', '.join(expected)}{nearest(str(found), expected)}"
        )


def review(data: Measurements, rts: str) -> Notices:
    """What a user should know about this analysis before reading its numbers, as (category, message) pairs."""
    notices: Notices = []
    n_models, n_metrics = len(data.models), len(data.metrics)
    if n_models < 3 * n_metrics:
        notices.append(
            (
                FewModelsWarning,
                f"{n_models} models and {n_metrics} metrics: expected at least 3 models a metric ({3 * n_metrics}), or "
                "most models are efficient for lack of comparison; drop metrics or add models",
            )
        )
    if rts == "crs":
        for metric in data.outputs:
            levels = data.mean[metric]
            if levels.min() > 0 and levels.max() / levels.min() < 2.0:
                notices.append(
                    (
                        SmallnessWarning,
                        f"output {metric!r} differs by a factor of only {levels.max() / levels.min():.2f}: "
                        "under rts='crs' the smallest inputs will win almost regardless of it; rts='vrs' weighs it",
                    )
                )
    return notices


def give_notice(notices: Notices, depth: int = 1) -> None:
    """Raise each notice as a warning at the line that called the function `depth` calls above."""
    for category, message in notices:
        warnings.warn(message, category, stacklevel=2 + depth)


def check_data(data: object) -> None:
    """Raise OptionError unless `data` are measurements."""
    from paretoscope.measurements import Measurements

    if not isinstance(data, Measurements):
        raise OptionError(
            f"data: found {type(data).__name__}; expected Measurements; make them with paretoscope.read or from_frame"
        )
