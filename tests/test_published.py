"""Efficiencies, super-efficiencies and slacks that other packages and textbooks print, to their last printed digit."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from paretoscope.dea.efficiencies import efficiency
from paretoscope.errors import FewModelsWarning
from paretoscope.measurements import Measurements
from reference import exact_efficiency, plain_efficiencies, quietly

ORACLES = Path(__file__).parent / "oracles"
FILES = ("analytic3_deapack", "coelli5_pydea", "example2_11_pydea", "fls11_julia")
COLUMN = re.compile(r"(?P<kind>eff|inv_eff|super|slack_(?P<metric>\w+?))_(?P<orientation>in|out)_(?P<rts>[a-z]+)")


def read(name):
    """The printed table as text, since its digits matter, and its measurements."""
    text = pd.read_csv(ORACLES / f"{name}.csv", dtype=str)
    inputs = [column for column in text if re.fullmatch(r"[xI]\d", column)]
    outputs = [column for column in text if re.fullmatch(r"[yO]\d", column)]
    numbers = text[inputs + outputs].astype(float).assign(model=text["dmu"])
    return text, Measurements.from_frame(numbers, inputs=inputs, outputs=outputs)


def printed_error(text):
    """Half a unit of the last printed digit; whole numbers are meant exactly.

    One file prints values that were cut off and not rounded, hence a whole unit.
    """
    digits = len(text.partition(".")[2])
    return 1.05 * 10.0**-digits if digits else 1e-9


# Printed to nine digits by a solver that was exact to seven, as the exact solution shows below.
LESS_EXACT = {("example2_11_pydea", "super_in_crs"): 5e-8}
CASES = [(name, column) for name in FILES for column in read(name)[0] if COLUMN.fullmatch(column)]


def test_there_is_something_to_compare():
    assert len(CASES) == 23


@pytest.mark.slow
@pytest.mark.parametrize(("name", "column"), CASES)
def test_printed_column(name, column):
    text, data = read(name)
    parts = COLUMN.fullmatch(column)
    orientation = {"in": "input", "out": "output"}[parts["orientation"]]
    options = {"rts": parts["rts"], "orientation": orientation, "super_efficiency": parts["kind"] == "super"}
    n_wanted = 3 * len(data.metrics)
    if len(data.models) < n_wanted:
        with pytest.warns(
            FewModelsWarning, match=rf"{len(data.models)} models and .* metrics: expected .*\({n_wanted}\)"
        ):
            result = efficiency(data, **options)
    else:
        result = efficiency(data, **options)
    if parts["metric"]:
        found = result.slacks[parts["metric"]]
    elif parts["kind"] == "eff" and orientation == "output":
        found = 1.0 / result.scores
    else:
        found = result.scores
    expected = text[column].astype(float).to_numpy()
    allowed = np.maximum(text[column].map(printed_error).to_numpy(), LESS_EXACT.get((name, column), 0.0))
    # The result is rounded once more in 1 / phi.
    np.testing.assert_array_less(np.abs(found.to_numpy() - expected), allowed + 1e-12)
    assert list(found.index) == list(text["dmu"])


def test_super_efficiency_is_nearer_to_the_exact_solution_than_the_printed_one():
    text, data = read("example2_11_pydea")
    values = data.mean[list(data.metrics)].to_numpy().T
    exact = [
        exact_efficiency(np.delete(values, o, axis=1), values[:, o], 3, "crs", "input") for o in range(values.shape[1])
    ]
    assert exact[0] == 38 / 23  # by whole numbers; printed as 1.652173892
    printed = text["super_in_crs"].astype(float)
    assert np.abs(printed - exact).max() > 1e-8
    found = quietly(efficiency, data, rts="crs", super_efficiency=True).scores
    np.testing.assert_allclose(found, exact, rtol=1e-13)


@pytest.mark.slow
@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("orientation", ["input", "output"])
@pytest.mark.parametrize("rts", ["vrs", "crs", "nirs", "ndrs"])
def test_what_is_not_printed_equals_highs(name, rts, orientation):
    _, data = read(name)
    values = data.mean[list(data.metrics)].to_numpy().T
    found = quietly(efficiency, data, rts=rts, orientation=orientation).scores
    expected = plain_efficiencies(values, len(data.inputs), rts, orientation)
    np.testing.assert_allclose(found, expected, atol=1e-9, rtol=0)


def test_analytic_example_by_hand():
    """A (1, 1), B (2, 1), C (1, 1/2): A serves everyone, so all peers and targets are A or its half."""
    _, data = read("analytic3_deapack")
    result = quietly(efficiency, data, rts="crs")
    assert list(result.peers.columns) == ["A"]
    assert result.peers["A"].tolist() == [1.0, 1.0, 0.5]
    assert result.targets.to_numpy().tolist() == [[1.0, 1.0], [1.0, 1.0], [0.5, 0.5]]


def test_one_input_one_output_of_the_slacks_based_example():
    """Under crs the ratio y/x decides: the second model, with 5/4, is the only efficient one."""
    _, data = read("erg8_julia")
    ratio = data.mean["y1"] / data.mean["x1"]
    found = quietly(efficiency, data, rts="crs").scores
    np.testing.assert_allclose(found, ratio / (5 / 4), rtol=1e-14)
    assert found.idxmax() == "2"
