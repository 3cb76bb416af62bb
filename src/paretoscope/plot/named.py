"""Which models the frontier figures name."""

from __future__ import annotations

from collections.abc import Sequence

from paretoscope.arrays import check_choice
from paretoscope.errors import OptionError, quote
from paretoscope.plot.style import TOP

NAMES = ("auto", "all", "front", "none")


def choose_names(names: str | Sequence[str], models: Sequence[str], front: Sequence[str]) -> list[str]:
    """Which models are named: those on the front first, so that they get the better places."""
    if not isinstance(names, str):
        for name in names:
            check_choice("names", name, models)
        return list(dict.fromkeys(names))
    if names not in NAMES:
        raise OptionError(f"names: found {quote(names)}; expected {', '.join(NAMES)}, or a list of models")
    if names == "none" or (names == "auto" and len(models) > TOP and len(front) > 2 * TOP):
        return []
    if names == "front" or (names == "auto" and len(models) > TOP):
        return list(front)
    return [*front, *(model for model in models if model not in front)]
