"""What a user should know about an analysis before reading its scores."""

from __future__ import annotations

from paretoscope.errors import FewModelsWarning, SmallnessWarning
from paretoscope.measurements import Measurements
from paretoscope.notices import Notice, Notices


def review(data: Measurements, rts: str) -> Notices:
    """Tell where the data and the returns to scale make most scores say little."""
    notices: Notices = []
    n_models, n_metrics = len(data.models), len(data.metrics)
    if n_models < 3 * n_metrics:
        notices.append(
            Notice(
                FewModelsWarning,
                f"{n_models} models and {n_metrics} metrics: expected at least 3 models a metric ({3 * n_metrics}), or "
                "most models are efficient for lack of comparison; drop metrics or add models",
            )
        )
    if rts == "crs":
        for metric in data.outputs:
            levels = data.mean[metric]
            if levels.min() > 0 and levels.max() / 2.0 < levels.min():
                notices.append(
                    Notice(
                        SmallnessWarning,
                        f"output {metric!r} differs by a factor of only {levels.max() / levels.min():.2f}: "
                        "under rts='crs' the smallest inputs will win almost regardless of it; rts='vrs' weighs it",
                    )
                )
    return notices
