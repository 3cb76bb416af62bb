"""The same seed gives the same draws, from one version of the code to the next.

``python tests/test_same_draws.py`` writes tests/same_draws.json anew; only a change that is meant to change draws, and
says so in the changelog, may do that.
"""

from __future__ import annotations

import hashlib
import json
import platform
import warnings
from pathlib import Path

import llvmlite.binding as llvm
import numpy as np
import pytest

import paretoscope as ps
from paretoscope.arrays import RTS

RECORD = Path(__file__).with_name("same_draws.json")


def processor():
    """What may change the last bit: the processor, and with it which variant of a function libraries choose."""
    features = json.dumps(llvm.get_host_cpu_features(), sort_keys=True)
    return {
        "name": llvm.get_host_cpu_name(),
        "features": hashlib.sha256(features.encode()).hexdigest()[:16],
        "system": f"{platform.system()} {platform.machine()} {platform.libc_ver()[0]}",
    }


def draw(rts):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ps.ParetoscopeWarning)
        return ps.bootstrap(ps.load("imagenet"), n_resamples=4_000, noise="gaussian", rts=rts, rng=0)


def digest(array):
    return hashlib.sha256(np.ascontiguousarray(array).tobytes()).hexdigest()


def summary(sim):
    """By model: score at the means, and mean, least and greatest of the draws."""
    columns = sim.efficiency, sim.draws.mean(axis=0), sim.draws.min(axis=0), sim.draws.max(axis=0)
    return {model: [float(value) for value in row] for model, *row in zip(sim.models, *columns, strict=True)}


def describe(sim):
    return {"draws": digest(sim.draws), "sample": digest(sim.sample(3_999).to_numpy()), "summary": summary(sim)}


@pytest.fixture(scope="module")
def record():
    return json.loads(RECORD.read_text())


@pytest.mark.slow
@pytest.mark.parametrize("rts", RTS)
def test_draws_are_the_same_on_every_processor(rts, record):
    found, expected = summary(draw(rts)), record[rts]["summary"]
    assert list(found) == list(expected)
    np.testing.assert_allclose(list(found.values()), list(expected.values()), rtol=0, atol=1e-9)


@pytest.mark.slow
@pytest.mark.parametrize("rts", RTS)
def test_draws_are_the_same_to_the_last_bit_on_the_processor_that_made_them(rts, record):
    if processor() != record["processor"]:
        pytest.skip(f"the digests are of {record['processor']['name']}; this is {processor()['name']}")
    sim = draw(rts)
    assert digest(sim.draws) == record[rts]["draws"]
    assert digest(sim.sample(3_999).to_numpy()) == record[rts]["sample"]


if __name__ == "__main__":
    RECORD.write_text(
        json.dumps({"processor": processor()} | {rts: describe(draw(rts)) for rts in RTS}, indent=1) + "\n"
    )
