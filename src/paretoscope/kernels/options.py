"""The one place that holds the compiler's options."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba

Function = TypeVar("Function", bound=Callable[..., Any])

# Serial and without the interpreter's lock: threads come from joblib, one block of draws each.
# No fast-math: the same input gives the same bits on every call.
# NumPy's error model: a division by zero is an infinity to test for, not an exception in an inner loop.
_OPTIONS: Any = {"nogil": True, "cache": True, "fastmath": False, "error_model": "numpy", "no_cfunc_wrapper": True}
# Without Numba's runtime a function allocates nothing, and does not count who refers to an array at every look at it.
_INNER: Any = _OPTIONS | {"no_cpython_wrapper": True, "_nrt": False}


def kernel(function: Function) -> Function:
    """Compile on the first call and keep the machine code beside the package."""
    return cast("Function", numba.njit(**_OPTIONS)(function))


def bare_kernel(function: Function) -> Function:
    """Compile a kernel that is given all the room that it needs."""
    return cast("Function", numba.njit(**_OPTIONS | {"_nrt": False})(function))


def inner(function: Function) -> Function:
    """Compile a function that only kernels call."""
    return cast("Function", numba.njit(**_INNER)(function))


def inlined(function: Function) -> Function:
    """Compile a function that kernels call often: it becomes part of the caller, without a call."""
    return cast("Function", numba.njit(forceinline=True, **_INNER)(function))


def pasted(function: Function) -> Function:
    """Compile a function with one caller as if it were written there: every level of calls is compiled once more."""
    return cast("Function", numba.njit(inline="always", **_INNER)(function))
