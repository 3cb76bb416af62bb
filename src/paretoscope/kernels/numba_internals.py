"""All that kernels use of Numba's private parts: small code, no runtime, and eight numbers as a type.

Kernels do not need this file (see `compiler`), only their speed does.  A new Numba may change what is imported here, or
how it is used: then change it here, and nowhere else.
"""

from __future__ import annotations

import inspect
import operator
from collections.abc import Callable
from typing import Any

import numba
import numpy as np
from llvmlite import ir
from numba.core import cgutils, types
from numba.core.compiler import Compiler
from numba.core.compiler_machinery import register_pass
from numba.core.lowering import Lower
from numba.core.typed_passes import NativeLowering
from numba.core.typing.templates import AbstractTemplate, infer_global, signature
from numba.extending import intrinsic, lower_builtin, models, register_model

# --- how functions are compiled ---------------------------------------------------------------------------------------


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


_KERNEL: Any = {"no_cfunc_wrapper": True}
# Without Numba's runtime a function allocates nothing, and does not count who refers to an array at every look at it.
_BARE: Any = _KERNEL | {"_nrt": False, "pipeline_class": _SmallCodeCompiler}
_INNER: Any = _BARE | {"no_cpython_wrapper": True}
# By the names of the decorators in `compiler`.
OPTIONS: Any = {
    "kernel": _KERNEL,
    "bare_kernel": _BARE,
    "inner": _INNER,
    "inlined": _INNER | {"forceinline": True},
    "pasted": _INNER | {"inline": "always"},
}


# --- eight numbers as a type, and what is written into a kernel for ``name(*operands)``, by the names in `lanes` ------

_N_LANES = 8
_VECTOR = ir.VectorType(ir.DoubleType(), _N_LANES)
_UNDEFINED = ir.Constant(_VECTOR, ir.Undefined)


class LanesType(types.Type):
    """Numba's name for eight float64."""

    def __init__(self) -> None:
        super().__init__("Lanes")


LANES = LanesType()


@register_model(LanesType)
class _LanesModel(models.PrimitiveModel):
    def __init__(self, manager: Any, kind: Any) -> None:
        super().__init__(manager, kind, _VECTOR)


def _instruction(result: Any) -> Callable[[Callable[..., Any]], Any]:
    """Make a function of (context, builder, types of the operands, *operands) callable from kernels."""

    def decorate(write: Callable[..., Any]) -> Any:
        def define(typing_context: Any, *kinds: Any) -> Any:
            def generate(context: Any, builder: Any, signature: Any, operands: Any) -> Any:
                return write(context, builder, signature.args, *operands)

            return result(*kinds), generate

        context, _, _, *operands = inspect.signature(write).parameters.values()
        define.__name__, define.__doc__ = write.__name__, write.__doc__
        define.__signature__ = inspect.Signature([context, *operands])  # type: ignore[attr-defined]
        return intrinsic(define)

    return decorate


def _spread(builder: Any, value: Any) -> Any:
    """The same value in all lanes."""
    undefined = ir.Constant(ir.VectorType(value.type, _N_LANES), ir.Undefined)
    one = builder.insert_element(undefined, value, ir.Constant(ir.IntType(32), 0))
    return builder.shuffle_vector(one, undefined, ir.Constant(ir.VectorType(ir.IntType(32), _N_LANES), [0] * _N_LANES))


def _as_lanes(context: Any, builder: Any, kind: Any, value: Any) -> Any:
    """Lanes as they are; a number as eight equal ones."""
    return value if kind == LANES else _spread(builder, context.cast(builder, value, kind, types.float64))


def _all_as_lanes(context: Any, builder: Any, kinds: Any, values: Any) -> list[Any]:
    return [_as_lanes(context, builder, kind, value) for kind, value in zip(kinds, values, strict=True)]


def _point_at(context: Any, builder: Any, kind: Any, array: Any, indices: Any) -> Any:
    """Pointer to the eight entries of an array, contiguous in its last axis, from some indices on."""
    fields = context.make_array(kind)(context, builder, array)
    place = cgutils.get_item_pointer(context, builder, kind, fields, indices, wraparound=False)
    return builder.bitcast(place, _VECTOR.as_pointer())


def _unpack(context: Any, builder: Any, kind: Any, index: Any) -> list[Any]:
    parts = cgutils.unpack_tuple(builder, index, len(kind))
    return [context.cast(builder, part, one, types.intp) for part, one in zip(parts, kind, strict=True)]


# --- between memory and lanes -----------------------------------------------------------------------------------------


@_instruction(LANES)
def splat(context: Any, builder: Any, kinds: Any, number: Any) -> Any:
    return _as_lanes(context, builder, kinds[0], number)


@_instruction(LANES)
def load(context: Any, builder: Any, kinds: Any, array: Any, index: Any) -> Any:
    lanes = builder.load(_point_at(context, builder, kinds[0], array, _unpack(context, builder, kinds[1], index)))
    lanes.align = 8
    return lanes


@_instruction(types.void)
def store(context: Any, builder: Any, kinds: Any, array: Any, index: Any, lanes: Any) -> None:
    place = _point_at(context, builder, kinds[0], array, _unpack(context, builder, kinds[1], index))
    builder.store(_as_lanes(context, builder, kinds[2], lanes), place).align = 8


@_instruction(LANES)
def combine(context: Any, builder: Any, kinds: Any, weights: Any, start: Any, stop: Any, rows: Any, first: Any) -> Any:
    count = context.get_value_type(types.intp)
    start, stop, first = (
        context.cast(builder, value, kind, types.intp)
        for value, kind in ((start, kinds[1]), (stop, kinds[2]), (first, kinds[4]))
    )
    weights = context.make_array(kinds[0])(context, builder, weights)
    zero = ir.Constant(_VECTOR, [0.0] * _N_LANES)
    before, body, after = builder.basic_block, builder.append_basic_block("row"), builder.append_basic_block("combined")
    builder.cbranch(builder.icmp_signed("<", start, stop), body, after)
    with builder.goto_block(body):
        k, total = builder.phi(count), builder.phi(_VECTOR)
        weight = builder.load(cgutils.get_item_pointer(context, builder, kinds[0], weights, [k], wraparound=False))
        lanes = builder.load(_point_at(context, builder, kinds[3], rows, [k, first]))
        lanes.align = 8
        kind = ir.FunctionType(_VECTOR, [_VECTOR] * 3)
        multiply_add = cgutils.get_or_insert_function(builder.module, kind, f"llvm.fma.v{_N_LANES}f64")
        grown = builder.call(multiply_add, [lanes, _spread(builder, weight), total])
        following = builder.add(k, ir.Constant(count, 1))
        builder.cbranch(builder.icmp_signed("<", following, stop), body, after)
        for phi, initial, later in ((k, start, following), (total, zero, grown)):
            phi.add_incoming(initial, before)
            phi.add_incoming(later, body)
    builder.position_at_end(after)
    result = builder.phi(_VECTOR)
    result.add_incoming(zero, before)
    result.add_incoming(grown, body)
    return result


# --- single lanes -----------------------------------------------------------------------------------------------------


@_instruction(types.float64)
def lane(context: Any, builder: Any, kinds: Any, lanes: Any, which: Any) -> Any:
    return builder.extract_element(lanes, which)


@_instruction(types.int64)
def as_index(context: Any, builder: Any, kinds: Any, number: Any) -> Any:
    return context.cast(builder, number, kinds[0], types.int64)


@_instruction(LANES)
def with_lane(context: Any, builder: Any, kinds: Any, lanes: Any, which: Any, number: Any) -> Any:
    integers = ir.VectorType(ir.IntType(64), _N_LANES)
    position = _spread(builder, context.cast(builder, which, kinds[1], types.int64))
    here = builder.icmp_signed("==", ir.Constant(integers, list(range(_N_LANES))), position)
    return builder.select(here, _as_lanes(context, builder, kinds[2], number), lanes)


@_instruction(types.float64)
def greatest(context: Any, builder: Any, kinds: Any, lanes: Any) -> Any:
    return _fold(builder, lanes, ">")


@_instruction(types.float64)
def smallest(context: Any, builder: Any, kinds: Any, lanes: Any) -> Any:
    return _fold(builder, lanes, "<")


def _fold(builder: Any, lanes: Any, comparison: str) -> Any:
    """The number that wins every comparison, by three rounds of halves."""
    for half in (4, 2, 1):
        mask = ir.Constant(ir.VectorType(ir.IntType(32), _N_LANES), [(k + half) % _N_LANES for k in range(_N_LANES)])
        other = builder.shuffle_vector(lanes, _UNDEFINED, mask)
        lanes = builder.select(builder.fcmp_ordered(comparison, other, lanes), other, lanes)
    return builder.extract_element(lanes, ir.Constant(ir.IntType(32), 0))


# --- arithmetic and comparisons; a number stands for eight equal ones -------------------------------------------------


@_instruction(LANES)
def magnitude(context: Any, builder: Any, kinds: Any, lanes: Any) -> Any:
    kind = ir.FunctionType(_VECTOR, [_VECTOR])
    return builder.call(cgutils.get_or_insert_function(builder.module, kind, f"llvm.fabs.v{_N_LANES}f64"), [lanes])


def _any(builder: Any, condition: Any) -> Any:
    bits = ir.IntType(_N_LANES)
    return builder.icmp_unsigned("!=", builder.bitcast(condition, bits), ir.Constant(bits, 0))


@_instruction(types.boolean)
def any_greater(context: Any, builder: Any, kinds: Any, left: Any, right: Any) -> Any:
    return _any(builder, builder.fcmp_ordered(">", *_all_as_lanes(context, builder, kinds, (left, right))))


@_instruction(types.boolean)
def any_at_least(context: Any, builder: Any, kinds: Any, left: Any, right: Any) -> Any:
    return _any(builder, builder.fcmp_ordered(">=", *_all_as_lanes(context, builder, kinds, (left, right))))


@_instruction(LANES)
def where_greater(context: Any, builder: Any, kinds: Any, left: Any, right: Any, then: Any, otherwise: Any) -> Any:
    left, right, then, otherwise = _all_as_lanes(context, builder, kinds, (left, right, then, otherwise))
    return builder.select(builder.fcmp_ordered(">", left, right), then, otherwise)


def _teach(function: Callable[..., Any], name: str) -> None:
    """Teach Numba an operator between lanes, or between lanes and a number."""

    class Resulting(AbstractTemplate):
        def generic(self, arguments: Any, keywords: Any) -> Any:
            return signature(LANES, *arguments) if LANES in arguments else None

    def generate(context: Any, builder: Any, signature: Any, operands: Any) -> Any:
        return getattr(builder, name)(*_all_as_lanes(context, builder, signature.args, operands))

    infer_global(function)(Resulting)
    for kinds in ((LANES, LANES), (LANES, types.Float), (types.Float, LANES)):
        lower_builtin(function, *kinds)(generate)


_teach(operator.add, "fadd")
_teach(operator.sub, "fsub")
_teach(operator.mul, "fmul")
_teach(operator.truediv, "fdiv")


# --- whether this Numba still has the parts ---------------------------------------------------------------------------


def _use_all(rows: Any) -> Any:
    """103, by all that stands above, from the numbers 0 to 15 in two rows, which are overwritten."""
    lanes = with_lane(combine(rows[0], 0, 2, rows, 0), 3, -20.0)
    lanes = (lanes + splat(1.0)) * 2.0 / 2.0 - load(rows, (0, 0))
    store(rows, (1, 0), where_greater(lanes, 0.0, lanes, magnitude(lanes)))
    lanes = load(rows, (1, 0))
    if any_greater(lanes, 22.0) or not any_at_least(lanes, 22.0):
        return 0.0
    return greatest(lanes) + smallest(lanes) * lane(lanes, as_index(2.0))


def try_out() -> None:
    """Compile and run all of this once; raises whatever a Numba with other parts raises."""
    found = numba.njit(**OPTIONS["bare_kernel"])(_use_all)(np.arange(16.0).reshape(2, 8))
    if found != 103.0:
        raise ArithmeticError(f"found {found}, expected 103")
