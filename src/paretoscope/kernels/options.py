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


def kernel(function: Function) -> Function:
    """Compile on the first call and keep the machine code beside the package."""
    return cast("Function", numba.njit(**_OPTIONS)(function))


def part(function: Function) -> Function:
    """Compile as part of the kernel that calls it, for a function with one caller or two.

    A kernel is optimised again inside each that calls it, so a chain of them takes many times as long to compile.
    """
    return cast("Function", numba.njit(inline="always", **_OPTIONS)(function))


def inner(function: Function) -> Function:
    """Compile a function that only kernels call, without the code that takes arguments from Python."""
    return cast("Function", numba.njit(**_OPTIONS | {"no_cpython_wrapper": True})(function))
