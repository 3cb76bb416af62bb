"""How kernels are compiled: the options of all of them, which way they take, and the names of cached machine code.

The fast way uses parts of Numba that are private (`numba_internals`), which a new Numba may change.  The plain way uses
what Numba documents: slower, with the same results to the last bit.  It is taken where the fast one does not work, and
where the environment says ``PARETOSCOPE_PLAIN_KERNELS=1``.
"""

from __future__ import annotations

import functools
import hashlib
import os
import warnings
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar, cast

import numba

from paretoscope.errors import ParetoscopeWarning

Function = TypeVar("Function", bound=Callable[..., Any])

_UNTRIED = (0, 69)  # the first version of Numba that was not tried, as in pyproject.toml
REMEDY = f"pip install 'numba<{_UNTRIED[0]}.{_UNTRIED[1]}'"

PLAIN = os.environ.get("PARETOSCOPE_PLAIN_KERNELS", "0") not in ("", "0")
if not PLAIN:
    try:
        from paretoscope.kernels import numba_internals

        if tuple(map(int, numba.__version__.split(".")[:2])) >= _UNTRIED:
            numba_internals.try_out()
    except Exception as problem:
        PLAIN = True
        _message = (
            f"kernels: found Numba {numba.__version__}, with private parts unlike those expected ({problem!r:.200}); "
            f"the same results take longer; install one that is supported: {REMEDY}"
        )
        warnings.warn(" ".join(_message.split()), ParetoscopeWarning, stacklevel=2)

# Serial and without the interpreter's lock: threads come from joblib, a batch of draws at a time.
# No fast-math: the same input gives the same bits on every call.
# NumPy's error model: a division by zero is an infinity to test for, not an exception in an inner loop.
_OPTIONS: Any = {"nogil": True, "cache": True, "fastmath": False, "error_model": "numpy"}

# Numba looks for changes only in the file of a function, not in those of the functions that it calls.
_SOURCES = b"".join(path.read_bytes() for path in sorted(Path(__file__).parent.glob("*.py")))
_VERSION = hashlib.sha256(_SOURCES).hexdigest()[:12]


def _compile(function: Function, kind: str) -> Function:
    """Compile on the first call and keep the machine code where Numba does, by default beside the package.

    There a file has the name of its function, so this version of all kernels becomes part of the name.
    """
    function.__qualname__ += f"-{_VERSION}-plain" if PLAIN else f"-{_VERSION}"
    options = _OPTIONS if PLAIN else _OPTIONS | numba_internals.OPTIONS[kind]
    compiled = numba.njit(**options)(function)
    if hasattr(compiled, "stats"):  # not where NUMBA_DISABLE_JIT is set
        _remove_other_versions(compiled.stats.cache_path)
    return cast("Function", compiled)


@functools.cache
def _remove_other_versions(directory: str) -> None:
    """Remove the machine code of other versions of the kernels; a process that still uses one compiles it again."""
    for path in Path(directory).glob("*.nb[ci]"):
        if f"-{_VERSION}-" not in path.name:
            with suppress(OSError):
                path.unlink()


def kernel(function: Function) -> Function:
    """Compile a function that Python calls."""
    return _compile(function, "kernel")


def bare_kernel(function: Function) -> Function:
    """Compile a kernel that is given all the room that it needs."""
    return _compile(function, "bare_kernel")


def inner(function: Function) -> Function:
    """Compile a function that only kernels call."""
    return _compile(function, "inner")


def inlined(function: Function) -> Function:
    """Compile a function that kernels call often: it becomes part of the caller, without a call."""
    return _compile(function, "inlined")


def pasted(function: Function) -> Function:
    """Compile a function as if it were written in its callers: every level of calls is compiled once more."""
    return _compile(function, "pasted")
