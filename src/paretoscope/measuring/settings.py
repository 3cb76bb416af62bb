"""How to measure, besides the conditions of the runs: how many of them, in which order, and what they are ranked by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from paretoscope.arrays import check_count, check_share
from paretoscope.measuring.runfile.costs import check_positive, check_whole

_FEWEST_RUNS_OF_A_LOOK = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What one call asks for; runs of other calls may differ in it.  `sessions.measure` says what the fields mean.

    Raises
    ------
    OptionError
        If a value is impossible.
    """

    runs: int
    seed: int
    timeout: float
    accuracy: str | None
    images: int | None
    epochs: float | None
    price_per_hour: float | None
    until_resolved: float | None
    max_runs: int
    inputs: Sequence[str]
    outputs: Sequence[str]
    allow_mixed: bool
    drop_loaded_runs: bool

    def __post_init__(self) -> None:
        resolving = self.until_resolved is not None
        runs = check_count("runs", self.runs, _FEWEST_RUNS_OF_A_LOOK if resolving else 1)
        checked: dict[str, object] = {
            "runs": runs,
            "seed": check_count("seed", self.seed, 0),
            "timeout": check_positive("timeout", self.timeout),
            "max_runs": check_count("max_runs", self.max_runs, runs if resolving else 1),
            "inputs": _names(self.inputs),
            "outputs": _names(self.outputs),
        }
        if resolving:
            checked["until_resolved"] = check_share("until_resolved", self.until_resolved, low=0.5, high=1.0)
        if self.images is not None:
            checked["images"] = check_whole("images", self.images)
        for name in ("epochs", "price_per_hour"):
            if (found := getattr(self, name)) is not None:
                checked[name] = check_positive(name, found)
        for name, value in checked.items():
            object.__setattr__(self, name, value)

    def to_json_dict(self) -> dict[str, Any]:
        """Return all fields as JSON can hold them."""
        return asdict(self)


def _names(names: str | Sequence[str]) -> tuple[str, ...]:
    return (names,) if isinstance(names, str) else tuple(names)
