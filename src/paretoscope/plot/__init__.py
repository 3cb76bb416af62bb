"""Figures for papers and notebooks: data in, matplotlib's Axes out.

Every function takes ``ax=``, draws into a new figure only where none is given, and returns the Axes.  None shows a
figure or touches matplotlib's global settings.  Functions are loaded on first use; they need the extra ``plot``.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from paretoscope.errors import OptionError

if TYPE_CHECKING:
    from paretoscope.plot.comparison import compare
    from paretoscope.plot.diagram import dominance
    from paretoscope.plot.distributions import efficiency
    from paretoscope.plot.fronts import frontier
    from paretoscope.plot.rank_map import ranks
    from paretoscope.plot.run_spread import noise
    from paretoscope.plot.saving import save
    from paretoscope.plot.surface import frontier3d

_HOME = {
    "compare": "comparison",
    "dominance": "diagram",
    "efficiency": "distributions",
    "frontier": "fronts",
    "frontier3d": "surface",
    "noise": "run_spread",
    "ranks": "rank_map",
    "save": "saving",
}

__all__ = ["compare", "dominance", "efficiency", "frontier", "frontier3d", "noise", "ranks", "save"]


def __getattr__(name: str) -> Any:
    """Load a function from its module."""
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    try:
        value = getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in ("matplotlib", "mpl_toolkits"):
            raise
        raise OptionError("matplotlib: not installed; expected for figures; pip install 'paretoscope[plot]'") from None
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """Public names, loaded or not."""
    return __all__
