"""What several test files need: names, small tables, refusals, a quiet call, a fresh process."""

from __future__ import annotations

import os
import sys
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from paretoscope.errors import DataError, ParetoscopeWarning
from paretoscope.measurements import Measurements

LEAVE_OUT = "pass drop_incomplete='models' (or 'metrics') to leave out what is incomplete"
FILL, MEASURE = f"fill it in, drop the row, or {LEAVE_OUT}", f"measure it, or {LEAVE_OUT}"


def names(n):
    """Names of n models."""
    return [f"m{i}" for i in range(n)]


def wide(**columns):
    """Two models, two runs each; columns replace or add."""
    base = {"model": ["a", "a", "b", "b"], "ms": [1.0, 2.0, 2.0, 5.0], "top1": [70.0, 70.0, 75.0, 75.0]}
    return pd.DataFrame(base | columns)


def measure(frame, inputs="ms", outputs="top1", **options):
    """Measurements of a table such as `wide`."""
    return Measurements.from_frame(frame, inputs=inputs, outputs=outputs, **options)


def refused(message, frame, error=DataError, **options):
    """Match the whole message, which must be one line."""
    with pytest.raises(error) as caught:
        measure(frame, **options)
    assert str(caught.value) == message
    assert "\n" not in message


def without_advice(function, *arguments, **options):
    """Call without any warning of paretoscope's; others are errors still."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ParetoscopeWarning)
        return function(*arguments, **options)


def whole_percent(shares):
    """Shares as the page shows them: 0 and 100 only for what is certain."""
    values = np.asarray(shares, dtype=float)
    rounded = np.rint(100.0 * values)
    return np.where((values > 0.0) & (values < 1.0), np.clip(rounded, 1.0, 99.0), rounded)


def environment(hash_seed):
    """Of a fresh process that imports this very package, under another seed of Python's hashes."""
    source = str(Path(sys.modules["paretoscope.errors"].__file__).parents[1])
    return os.environ | {"PYTHONPATH": source, "PYTHONHASHSEED": hash_seed, "PYTHONDONTWRITEBYTECODE": "1"}
