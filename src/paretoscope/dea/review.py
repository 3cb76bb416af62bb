"""What a user should know about an analysis before reading its scores."""

from __future__ import annotations

from paretoscope.dea.suitability import stays
from paretoscope.errors import FewModelsWarning, ShiftWarning, SmallnessWarning, quote
from paretoscope.flags import setting
from paretoscope.measurements import Measurements
from paretoscope.notices import Notice, Notices


def review(data: Measurements, rts: str, orientation: str) -> Notices:
    """Tell where data and options make most scores say little, and which metrics were given another origin."""
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
    if rts == "crs" and data.inputs:
        for metric in data.outputs:
            levels = data.mean[metric]
            if levels.min() > 0 and levels.max() / 2.0 < levels.min():
                notices.append(
                    Notice(
                        SmallnessWarning,
                        f"output {quote(metric)} differs by a factor of only {levels.max() / levels.min():.2f}: "
                        f"under {setting('rts', 'crs')} the smallest inputs will win almost regardless of it; "
                        f"{setting('rts', 'vrs')} weighs it",
                    )
                )
    shifted = [metric for metric in stays(data, rts, orientation) if data.mean[metric].min() < 0.0]
    if shifted and rts == "vrs":
        notices.append(
            Notice(
                ShiftWarning,
                f"negative values of {', '.join(map(quote, shifted))}: counted from the lowest mean, which changes no "
                f"score under rts {rts!r} and orientation {orientation!r}",
            )
        )
    return notices
