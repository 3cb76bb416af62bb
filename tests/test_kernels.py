"""How kernels are compiled: with Numba's private parts or without, and from which cache.

Each test starts Python anew, since that is decided on import.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from multiprocessing.pool import ThreadPool
from pathlib import Path

import numba
import pytest

import paretoscope
from paretoscope.kernels import compiler, numba_internals

PACKAGE = Path(paretoscope.__file__).parent
# Draws and scores under all returns to scale.
DIGEST = """
import hashlib
import paretoscope as ps
from paretoscope.kernels import compiler
data = ps.load("imagenet")
digest = hashlib.sha256()
for rts in ("vrs", "crs", "nirs", "ndrs", "fdh"):
    for orientation in ("input", "output"):
        simulated = ps.bootstrap(data, rng=0, n_resamples=60, rts=rts, orientation=orientation, noise="gaussian")
        digest.update(simulated.draws.tobytes())
print("plain" if compiler.PLAIN else "fast", digest.hexdigest())
"""


def run_python(code, package=PACKAGE, **environment):
    """What Python prints, and warns of, when it runs some code with a package."""
    variables = os.environ | {"PYTHONPATH": str(package.parent)} | environment
    command = [sys.executable, "-W", "always::paretoscope.errors.ParetoscopeWarning", "-c", code]
    done = subprocess.run(command, env=variables, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip(), done.stderr.strip()


@pytest.mark.slow
def test_plain_kernels_give_the_same_bits():
    way, digest = run_python(DIGEST)[0].split()
    plain_way, plain_digest = run_python(DIGEST, PARETOSCOPE_PLAIN_KERNELS="1")[0].split()
    assert (way, plain_way) == ("fast", "plain")
    assert plain_digest == digest


# What a new Numba may do: drop a part, or keep its name and change how it is used.
CHANGES = {
    "import": ("from numba.core import typed_passes; del typed_passes.NativeLowering", "cannot import name"),
    "use": (
        "import numba; from llvmlite import ir; numba.__version__ = '99.0'; ir.IRBuilder.shuffle_vector = None",
        "'NoneType' object is not callable",
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("change", CHANGES)
def test_a_numba_with_other_parts_is_used_plainly(change):
    code, reason = CHANGES[change]
    question = "from paretoscope.kernels import compiler; print(compiler.PLAIN)"
    printed, warned = run_python(f"{code}; {question}")
    assert printed == "True"
    (line,) = (line for line in warned.splitlines() if "ParetoscopeWarning" in line)
    assert re.search(rf"kernels: found Numba .*{reason}.*pip install 'numba<0.69'$", line)
    assert run_python(f"{code}; {question}", PARETOSCOPE_PLAIN_KERNELS="1") == ("True", "")


@pytest.mark.slow
def test_an_unknown_numba_that_has_all_parts_is_used_as_ever():
    code = "import numba; numba.__version__ = '99.0'; from paretoscope.kernels import compiler; print(compiler.PLAIN)"
    assert run_python(code) == ("False", "")


def test_this_numba_has_all_parts():
    """Where it fails, the traceback says which part of Numba has changed."""
    numba_internals.try_out()


def test_versions_of_numba_are_bounded():
    project = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text())["project"]
    assert "numba>=0.61,<0.69" in project["dependencies"]
    assert "numba<0.69" in compiler.REMEDY


def test_the_compiler_is_asked_for_small_code():
    """A Numba with other passes would leave the wish out without a word, and the first call would take longer."""
    function = numba.njit(**numba_internals.OPTIONS["bare_kernel"])(lambda number: number + 1.0)
    assert function(1.0) == 2.0
    (code,) = function.inspect_llvm().values()
    assert "optsize" in code


# --- the cache --------------------------------------------------------------------------------------------------------

DRAW = """
import numpy as np
from paretoscope.kernels.sampling import draw_normal
zero, far, out = np.zeros((1, 1)), np.full((1, 1), 1e9), np.empty((1, 1, 1))
draw_normal(np.arange(4, dtype=np.uint64), zero, zero + 1.0, -far, far, out)
print(out.item(), sum(draw_normal.stats.cache_hits.values()))
"""


@pytest.fixture
def copied(tmp_path, monkeypatch):
    """A copy of the package whose kernels were never compiled."""
    monkeypatch.delenv("NUMBA_CACHE_DIR", raising=False)
    return shutil.copytree(PACKAGE, tmp_path / "paretoscope", ignore=shutil.ignore_patterns("__pycache__"))


def draw(package, **environment):
    """A number that a kernel draws, and whether the kernel came from the cache."""
    value, hits = run_python(DRAW, package, **environment)[0].split()
    return float(value), hits == "1"


@pytest.mark.slow
def test_a_change_in_a_kernel_reaches_those_that_call_it(copied):
    value, cached = draw(copied)
    assert not cached
    assert draw(copied) == (value, True)
    for path in copied.rglob("*.py"):
        os.utime(path, (1e9, 1e9))
    assert draw(copied) == (value, True), "touched is not changed"

    before = {path.name for path in (copied / "kernels" / "__pycache__").glob("*.nb*")}
    callee = copied / "kernels" / "normals.py"  # the caller is in sampling.py
    text = callee.read_text()
    callee.write_text(text.replace("value = place * ", "value = 2.0 * place * "))
    assert draw(copied) == (2.0 * value, False)
    after = {path.name for path in (copied / "kernels" / "__pycache__").glob("*.nb*")}
    assert before
    assert after
    assert not before & after, "nobody needs to tidy up"


@pytest.mark.slow
def test_the_cache_where_the_package_cannot_be_written_to(copied, tmp_path):
    (copied / "kernels" / "__pycache__").write_text("in the way, also for an administrator")
    home = {"HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path / "cache"), "LOCALAPPDATA": str(tmp_path)}
    value, cached = draw(copied, **home)
    assert not cached
    assert draw(copied, **home) == (value, True)


@pytest.mark.slow
def test_two_processes_that_compile_at_once(copied):
    with ThreadPool(2) as pool:
        (value, _), (other, _) = pool.map(draw, [copied] * 2)
    assert value == other
    assert draw(copied) == (value, True)
