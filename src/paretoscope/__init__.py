"""Which model should I ship, when accuracy, latency and cost pull apart and every one of them is noisy?

Public names are loaded on first use, so that ``import paretoscope`` and the command line's help stay quick.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from paretoscope.version import __version__

if TYPE_CHECKING:
    from paretoscope import plot
    from paretoscope.datasets import load, provenance
    from paretoscope.dea.efficiencies import Efficiency, efficiency
    from paretoscope.errors import DataError, OptionError, ParetoscopeError, ParetoscopeWarning
    from paretoscope.fronts.pareto import Frontier, pareto_front
    from paretoscope.fronts.simulated import frontier, pareto_probability
    from paretoscope.measurements import Measurements
    from paretoscope.measuring.run.conditions import Conditions
    from paretoscope.measuring.sessions import MeasuredRuns, measure
    from paretoscope.measuring.training.callbacks import lightning_callback, transformers_callback
    from paretoscope.measuring.training.loops import TrainingCost, training_cost
    from paretoscope.orders.dominance import Dominance
    from paretoscope.readers import read
    from paretoscope.reporting.page import report
    from paretoscope.resampling.algorithm import bootstrap
    from paretoscope.resampling.draws import EfficiencyDraws
    from paretoscope.resampling.input_sets import Comparison, compare

_HOME = {
    "Comparison": "resampling.input_sets",
    "Conditions": "measuring.run.conditions",
    "DataError": "errors",
    "Dominance": "orders.dominance",
    "Efficiency": "dea.efficiencies",
    "EfficiencyDraws": "resampling.draws",
    "Frontier": "fronts.pareto",
    "MeasuredRuns": "measuring.sessions",
    "Measurements": "measurements",
    "OptionError": "errors",
    "ParetoscopeError": "errors",
    "ParetoscopeWarning": "errors",
    "TrainingCost": "measuring.training.loops",
    "bootstrap": "resampling.algorithm",
    "compare": "resampling.input_sets",
    "efficiency": "dea.efficiencies",
    "frontier": "fronts.simulated",
    "lightning_callback": "measuring.training.callbacks",
    "load": "datasets",
    "measure": "measuring.sessions",
    "pareto_front": "fronts.pareto",
    "pareto_probability": "fronts.simulated",
    "provenance": "datasets",
    "read": "readers",
    "report": "reporting.page",
    "training_cost": "measuring.training.loops",
    "transformers_callback": "measuring.training.callbacks",
}

__all__ = [
    "Comparison",
    "Conditions",
    "DataError",
    "Dominance",
    "Efficiency",
    "EfficiencyDraws",
    "Frontier",
    "MeasuredRuns",
    "Measurements",
    "OptionError",
    "ParetoscopeError",
    "ParetoscopeWarning",
    "TrainingCost",
    "__version__",
    "bootstrap",
    "compare",
    "efficiency",
    "frontier",
    "lightning_callback",
    "load",
    "measure",
    "pareto_front",
    "pareto_probability",
    "plot",
    "provenance",
    "read",
    "report",
    "training_cost",
    "transformers_callback",
]


def __getattr__(name: str) -> Any:
    """Load a public name from its module."""
    if name == "plot":
        return import_module(f"{__name__}.plot")
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """Public names, loaded or not."""
    return __all__
