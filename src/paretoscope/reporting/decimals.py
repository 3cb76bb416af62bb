"""Efficiencies with as many decimals as the number of draws supports."""

from __future__ import annotations

from typing import TYPE_CHECKING

from paretoscope.orders.ranking import digits, monte_carlo_error

if TYPE_CHECKING:
    from collections.abc import Callable

    from paretoscope.resampling.draws import EfficiencyDraws

_DECIMALS, _MOST_DECIMALS = 2, 4  # where the error is not known, and at most


def efficiency_writer(sim: EfficiencyDraws, *, aligned: bool = False) -> Callable[[str, float], str]:
    """Write an efficiency with the decimals that its model's Monte-Carlo error supports.

    `aligned` adds blanks where others have decimals, so that points can stand below each other.
    """
    errors = monte_carlo_error(sim.complete_draws, sim.models)
    decimals = {str(model): min(digits(float(error)), _MOST_DECIMALS) for model, error in errors.items() if error > 0}
    most = max(decimals.values(), default=_DECIMALS) if aligned else 0

    def write(model: str, value: float) -> str:
        text = f"{value:.{decimals.get(model, _DECIMALS)}f}"
        return text.ljust(len(f"{value:.{most}f}")) if aligned else text

    return write
