"""What to run and how large; and the assertion that comes before every timing."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from figures import Growth
from rivals import highspy_warm
from workloads import Workload

EQUAL = 1e-8


@dataclass
class Settings:
    """The command's options, and what the growth figures are drawn from."""

    data: Path | None
    rivals: bool
    quick: bool
    cache: Path
    by_models: Growth = field(default_factory=dict)
    by_metrics: Growth = field(default_factory=dict)

    @property
    def repeats(self) -> int:
        """How many runs a median is taken of."""
        return 1 if self.quick else 5

    def size(self, full: int, quick: int) -> int:
        """One of two sizes."""
        return quick if self.quick else full


def assert_equal(name: str, found: np.ndarray, expected: np.ndarray, oracle: str) -> float:
    """Return the largest difference; raise AssertionError if it is one that matters."""
    worst = float(np.abs(found - expected).max())
    if not worst <= EQUAL:  # so that NaN fails too, and -O changes nothing
        raise AssertionError(f"{name}: scores differ from {oracle} by {worst:.1e}")
    return worst


def check_bootstrap(workload: Workload, rts: str, n_draws: int) -> float:
    """Assert that the first draws' scores are those that HiGHS finds; return the largest difference."""
    simulated = workload.bootstrap(n_draws, rts)
    solve = highspy_warm()
    return max(
        assert_equal(
            f"{workload.name}, {rts}", simulated.draws[b], solve(*workload.roles(simulated.sample(b)), rts), "HiGHS"
        )
        for b in range(n_draws)
    )
