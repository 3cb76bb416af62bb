"""The one place that holds the compiler's options."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba
from numba.core.compiler import Compiler
from numba.core.compiler_machinery import register_pass
from numba.core.lowering import Lower
from numba.core.typed_passes import NativeLowering

Function = TypeVar("Function", bound=Callable[..., Any])


class _SmallCode(Lower):
    """Asks LLVM for small code, that is, not to unroll loops or make vectors of them.

    In the solver, loops over a basis are short, and the long ones work on eight numbers at a time already.  Unrolled,
    they run no faster, and take a third longer to compile.
    """

    def pre_lower(self) -> None:
        super().pre_lower()
        self.function.attributes.add("optsize")


@register_pass(mutates_CFG=True, analysis_only=False)
class _SmallCodeLowering(NativeLowering):
    _name = "small_code_lowering"
    lowering_class = _SmallCode


class _SmallCodeCompiler(Compiler):
    """Numba's compiler, but for its last step."""

    def define_pipelines(self) -> list[Any]:
        pipelines: list[Any] = super().define_pipelines()
        for pipeline in pipelines:
            pipeline.passes = [
                (_SmallCodeLowering if step is NativeLowering else step, name) for step, name in pipeline.passes
            ]
            pipeline.finalize()
        return pipelines


# Serial and without the interpreter's lock: threads come from joblib, a block of draws at a time.
# No fast-math: the same input gives the same bits on every call.
# NumPy's error model: a division by zero is an infinity to test for, not an exception in an inner loop.
_OPTIONS: Any = {
    "nogil": True,
    "cache": True,
    "fastmath": False,
    "error_model": "numpy",
    "no_cfunc_wrapper": True,
}
# Without Numba's runtime a function allocates nothing, and does not count who refers to an array at every look at it.
_BARE: Any = _OPTIONS | {"_nrt": False, "pipeline_class": _SmallCodeCompiler}
_INNER: Any = _BARE | {"no_cpython_wrapper": True}


def kernel(function: Function) -> Function:
    """Compile on the first call and keep the machine code beside the package."""
    return cast("Function", numba.njit(**_OPTIONS)(function))


def bare_kernel(function: Function) -> Function:
    """Compile a kernel that is given all the room that it needs."""
    return cast("Function", numba.njit(**_BARE)(function))


def inner(function: Function) -> Function:
    """Compile a function that only kernels call."""
    return cast("Function", numba.njit(**_INNER)(function))


def inlined(function: Function) -> Function:
    """Compile a function that kernels call often: it becomes part of the caller, without a call."""
    return cast("Function", numba.njit(forceinline=True, **_INNER)(function))


def pasted(function: Function) -> Function:
    """Compile a function as if it were written in its callers: every level of calls is compiled once more."""
    return cast("Function", numba.njit(inline="always", **_INNER)(function))
