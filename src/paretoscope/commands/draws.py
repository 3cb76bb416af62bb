"""Draws as the command line asks for them: what its flags are called in the library, and the defaults of its own."""

from __future__ import annotations

from typing import Any

from paretoscope.commands.types import is_given
from paretoscope.measurements import Measurements
from paretoscope.noise.simulation import DEFAULT_RESAMPLES
from paretoscope.resampling.algorithm import bootstrap
from paretoscope.resampling.draws import EfficiencyDraws
from paretoscope.resampling.input_sets import Comparison, compare

SEED = 0  # the same command gives the same answer
_SIMULATED = {"noise": "noise", "scope": "scope", "resamples": "n_resamples", "seed": "rng"}
_SCORED = {"rts": "rts", "orientation": "orientation", "frontier": "frontier", "jobs": "n_jobs"}
SIMULATION_FLAGS, DRAWING_FLAGS = tuple(_SIMULATED), (*_SCORED, *_SIMULATED)


def draw(source: Measurements | EfficiencyDraws, flags: dict[str, Any]) -> EfficiencyDraws | Comparison:
    """Draw under one set of inputs or several; a saved result has its own draws."""
    if isinstance(source, EfficiencyDraws):
        return source
    settings = {"rng": SEED} | _renamed(flags, _SCORED | _SIMULATED)
    sets = _left(flags["inputs"], source) if flags.get("drop_incomplete") else flags["inputs"]
    return compare(source, sets, **settings) if len(sets) > 1 else bootstrap(source, **settings)


def _left(sets: list[list[str]], source: Measurements) -> list[list[str]]:
    """The different sets of inputs that remain where metrics were left out."""
    kept = (tuple(name for name in names if name in source.inputs) for names in sets)
    return [list(names) for names in dict.fromkeys(kept) if names]


def simulation(source: Measurements | EfficiencyDraws, flags: dict[str, Any]) -> dict[str, Any]:
    """What to simulate fronts and frontiers with: as many draws as for a ranking; nothing beside a saved result's."""
    if isinstance(source, EfficiencyDraws):
        return {}
    return {"rng": SEED, "n_resamples": DEFAULT_RESAMPLES} | _renamed(flags, _SIMULATED)


def _renamed(flags: dict[str, Any], names: dict[str, str]) -> dict[str, Any]:
    """Those of the flags that were given, as the library calls them."""
    return {name: flags[flag] for flag, name in names.items() if is_given(flags[flag])}
