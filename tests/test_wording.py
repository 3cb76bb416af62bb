"""Numbers and lists as a reader wants them; most of it is shown by the examples in the module itself."""

from __future__ import annotations

import dataclasses

import numpy as np

import paretoscope as ps
from paretoscope.reporting.decimals import efficiency_writer
from paretoscope.reporting.wording import with_spread


def test_efficiencies_have_the_decimals_of_their_error_and_points_can_stand_below_each_other() -> None:
    sim = ps.bootstrap(ps.load("imagenet"), n_resamples=4, rng=0)
    # Standard errors, sd / 2: 0.05, which supports no unit below a tenth; 0.0005; none.
    draws = np.full((4, 17), 1.0)
    draws[:, 0] = 0.5 + 0.05 * np.sqrt(3.0) * np.array([1.0, 1.0, -1.0, -1.0])
    draws[:, 1] = 0.5 + 0.0005 * np.sqrt(3.0) * np.array([1.0, 1.0, -1.0, -1.0])
    made = dataclasses.replace(sim, draws=draws)
    first, second, third = sim.models[:3]
    for aligned, expected in ((False, ["0.1", "0.123", "0.12"]), (True, ["0.1  ", "0.123", "0.12 "])):
        number = efficiency_writer(made, aligned=aligned)
        assert [number(model, 0.123456) for model in (first, second, third)] == expected


def test_means_are_written_to_the_second_digit_of_their_spread() -> None:
    assert with_spread(12.3456, 0.0123) == "12.346 ± 0.012"
    assert with_spread(1234.5, 123.0) == "1234 ± 123"
    assert with_spread(12.3456789, 0.0) == with_spread(12.3456789, float("nan")) == "12.3457"
