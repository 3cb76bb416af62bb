"""Eight numbers at a time: what one instruction of the processor's vector unit works on, as a type for kernels.

The compiler turns a long loop into vector instructions by itself, but not the loops over a basis, which are as short
as the number of metrics.  So these are written out: ``load`` eight entries, ``+ - * /``, ``store`` them.  Where a
processor has narrower vectors, the compiler splits each operation, with the same results.

The functions below write instructions for a compiled call ``name(*operands)``; in Python they cannot be called.
"""

from __future__ import annotations

import inspect
import math
import operator
from collections.abc import Callable
from typing import Any

import numpy as np
from llvmlite import ir
from numba.core import cgutils, types
from numba.core.typing.templates import AbstractTemplate, infer_global, signature
from numba.extending import intrinsic, lower_builtin, models, register_jitable, register_model

from paretoscope.arrays import Array

N_LANES = 8
_VECTOR = ir.VectorType(ir.DoubleType(), N_LANES)
_UNDEFINED = ir.Constant(_VECTOR, ir.Undefined)


@register_jitable
def whole_lanes(length: int) -> int:
    """The smallest multiple of eight that is no less: rows of this length are whole lanes."""
    return -(-length // N_LANES) * N_LANES


def empty_lanes(*shape: int) -> Array:
    """An array whose rows are whole lanes and begin where the processor loads eight numbers at once fastest."""
    return _align(np.empty(math.prod(shape) + N_LANES), shape)


def zero_lanes(*shape: int) -> Array:
    """As `empty_lanes`, of zeros."""
    return _align(np.zeros(math.prod(shape) + N_LANES), shape)


def _align(memory: Array, shape: tuple[int, ...]) -> Array:
    first = -memory.ctypes.data % (N_LANES * memory.itemsize) // memory.itemsize
    return memory[first : first + math.prod(shape)].reshape(shape)


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
    undefined = ir.Constant(ir.VectorType(value.type, N_LANES), ir.Undefined)
    one = builder.insert_element(undefined, value, ir.Constant(ir.IntType(32), 0))
    return builder.shuffle_vector(one, undefined, ir.Constant(ir.VectorType(ir.IntType(32), N_LANES), [0] * N_LANES))


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
    """``splat(number)``: the same number in all lanes."""
    return _as_lanes(context, builder, kinds[0], number)


@_instruction(LANES)
def load(context: Any, builder: Any, kinds: Any, array: Any, index: Any) -> Any:
    """``load(array, index)``: the eight entries from an index, a tuple, on."""
    lanes = builder.load(_point_at(context, builder, kinds[0], array, _unpack(context, builder, kinds[1], index)))
    lanes.align = 8
    return lanes


@_instruction(types.void)
def store(context: Any, builder: Any, kinds: Any, array: Any, index: Any, lanes: Any) -> None:
    """``store(array, index, lanes)``: write the eight entries from an index, a tuple, on."""
    place = _point_at(context, builder, kinds[0], array, _unpack(context, builder, kinds[1], index))
    builder.store(_as_lanes(context, builder, kinds[2], lanes), place).align = 8


@_instruction(LANES)
def combine(context: Any, builder: Any, kinds: Any, weights: Any, start: Any, stop: Any, rows: Any, first: Any) -> Any:
    """``combine(weights, start, stop, rows, first)``: eight entries of a weighted sum of rows.

    That is the sum over k from `start` up to `stop` of ``weights[k] * rows[k, first : first + 8]``, each product added
    before it is rounded.
    """
    count = context.get_value_type(types.intp)
    start, stop, first = (
        context.cast(builder, value, kind, types.intp)
        for value, kind in ((start, kinds[1]), (stop, kinds[2]), (first, kinds[4]))
    )
    weights = context.make_array(kinds[0])(context, builder, weights)
    zero = ir.Constant(_VECTOR, [0.0] * N_LANES)
    before, body, after = builder.basic_block, builder.append_basic_block("row"), builder.append_basic_block("combined")
    builder.cbranch(builder.icmp_signed("<", start, stop), body, after)
    with builder.goto_block(body):
        k, total = builder.phi(count), builder.phi(_VECTOR)
        weight = builder.load(cgutils.get_item_pointer(context, builder, kinds[0], weights, [k], wraparound=False))
        lanes = builder.load(_point_at(context, builder, kinds[3], rows, [k, first]))
        lanes.align = 8
        kind = ir.FunctionType(_VECTOR, [_VECTOR] * 3)
        multiply_add = cgutils.get_or_insert_function(builder.module, kind, f"llvm.fma.v{N_LANES}f64")
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
    """``lane(lanes, which)``: the number in one lane."""
    return builder.extract_element(lanes, which)


@_instruction(types.int64)
def as_index(context: Any, builder: Any, kinds: Any, number: Any) -> Any:
    """``as_index(number)``: a whole number, as lanes give it, as the integer it is.

    Also of a number that stands in the code, which has a type of its own: what is called with it would be compiled
    once for this number, and once more for all others.
    """
    return context.cast(builder, number, kinds[0], types.int64)


@_instruction(LANES)
def with_lane(context: Any, builder: Any, kinds: Any, lanes: Any, which: Any, number: Any) -> Any:
    """``with_lane(lanes, which, number)``: the same lanes but for one; all the same where there is no such lane."""
    integers = ir.VectorType(ir.IntType(64), N_LANES)
    position = _spread(builder, context.cast(builder, which, kinds[1], types.int64))
    here = builder.icmp_signed("==", ir.Constant(integers, list(range(N_LANES))), position)
    return builder.select(here, _as_lanes(context, builder, kinds[2], number), lanes)


@_instruction(types.float64)
def greatest(context: Any, builder: Any, kinds: Any, lanes: Any) -> Any:
    """``greatest(lanes)``: the greatest number of all lanes."""
    return _fold(builder, lanes, ">")


@_instruction(types.float64)
def smallest(context: Any, builder: Any, kinds: Any, lanes: Any) -> Any:
    """``smallest(lanes)``: the smallest number of all lanes."""
    return _fold(builder, lanes, "<")


def _fold(builder: Any, lanes: Any, comparison: str) -> Any:
    """The number that wins every comparison, by three rounds of halves."""
    for half in (4, 2, 1):
        mask = ir.Constant(ir.VectorType(ir.IntType(32), N_LANES), [(k + half) % N_LANES for k in range(N_LANES)])
        other = builder.shuffle_vector(lanes, _UNDEFINED, mask)
        lanes = builder.select(builder.fcmp_ordered(comparison, other, lanes), other, lanes)
    return builder.extract_element(lanes, ir.Constant(ir.IntType(32), 0))


# --- arithmetic and comparisons; a number stands for eight equal ones -------------------------------------------------


@_instruction(LANES)
def magnitude(context: Any, builder: Any, kinds: Any, lanes: Any) -> Any:
    """``magnitude(lanes)``: the absolute value in each lane."""
    kind = ir.FunctionType(_VECTOR, [_VECTOR])
    return builder.call(cgutils.get_or_insert_function(builder.module, kind, f"llvm.fabs.v{N_LANES}f64"), [lanes])


def _any(builder: Any, condition: Any) -> Any:
    bits = ir.IntType(N_LANES)
    return builder.icmp_unsigned("!=", builder.bitcast(condition, bits), ir.Constant(bits, 0))


@_instruction(types.boolean)
def any_greater(context: Any, builder: Any, kinds: Any, left: Any, right: Any) -> Any:
    """``any_greater(left, right)``: whether one is greater than the other in any lane."""
    return _any(builder, builder.fcmp_ordered(">", *_all_as_lanes(context, builder, kinds, (left, right))))


@_instruction(types.boolean)
def any_at_least(context: Any, builder: Any, kinds: Any, left: Any, right: Any) -> Any:
    """``any_at_least(left, right)``: whether one is greater than or equal to the other in any lane."""
    return _any(builder, builder.fcmp_ordered(">=", *_all_as_lanes(context, builder, kinds, (left, right))))


@_instruction(LANES)
def where_greater(context: Any, builder: Any, kinds: Any, left: Any, right: Any, then: Any, otherwise: Any) -> Any:
    """``where_greater(left, right, then, otherwise)``: `then` in the lanes where left is greater, else `otherwise`."""
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
