"""Eight numbers at a time: what one instruction of the processor's vector unit works on, as a type for kernels.

The compiler turns a long loop into vector instructions by itself, but not the loops over a basis, which are as short as
the number of metrics.  So these are written out with `Lanes`: ``load``, ``+ - * /``, ``store``.  Where the processor
has narrower vectors, the compiler splits each operation, with the same results.
"""

from __future__ import annotations

import operator
from typing import Any

from llvmlite import ir
from numba.core import cgutils, types
from numba.core.typing.templates import AbstractTemplate, infer_global, signature
from numba.extending import intrinsic, lower_builtin, models, register_jitable, register_model

N_LANES = 8
_VECTOR = ir.VectorType(ir.DoubleType(), N_LANES)


@register_jitable
def whole_lanes(length: int) -> int:
    """The smallest multiple of eight that is no less: rows of this length are whole lanes."""
    return -(-length // N_LANES) * N_LANES


class LanesType(types.Type):
    """Numba's name for eight float64."""

    def __init__(self) -> None:
        super().__init__("Lanes")


LANES = LanesType()


@register_model(LanesType)
class _LanesModel(models.PrimitiveModel):
    def __init__(self, manager: Any, kind: Any) -> None:
        super().__init__(manager, kind, _VECTOR)


def _splat(builder: Any, value: Any) -> Any:
    """The same number in all lanes."""
    undefined = ir.Constant(ir.VectorType(value.type, N_LANES), ir.Undefined)
    one = builder.insert_element(undefined, value, ir.Constant(ir.IntType(32), 0))
    return builder.shuffle_vector(one, undefined, ir.Constant(ir.VectorType(ir.IntType(32), N_LANES), [0] * N_LANES))


def _as_lanes(context: Any, builder: Any, value: Any, kind: Any) -> Any:
    if kind == LANES:
        return value
    return _splat(builder, context.cast(builder, value, kind, types.float64))


def _rolled(module: Any) -> Any:
    """What tells the compiler to leave a loop as it is; a node of its own for each loop, which names itself."""
    disable = module.add_metadata([ir.MetaDataString(module, "llvm.loop.unroll.disable")])
    loop = ir.MDValue(module, [disable], name=str(len(module.metadata)))
    loop.operands = (loop, disable)
    return loop


def _place(context: Any, builder: Any, array_type: Any, array: Any, index_type: Any, index: Any) -> Any:
    """Pointer to the eight entries from an index on."""
    fields = context.make_array(array_type)(context, builder, array)
    indices = cgutils.unpack_tuple(builder, index, len(index_type))
    indices = [
        context.cast(builder, one, kind, types.intp) for one, kind in zip(indices, index_type, strict=True)
    ]
    place = cgutils.get_item_pointer(context, builder, array_type, fields, indices, wraparound=False)
    return builder.bitcast(place, _VECTOR.as_pointer())


@intrinsic
def splat(typing_context: Any, number: Any) -> Any:
    """The same number in all lanes."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return _as_lanes(context, builder, arguments[0], number)

    return LANES(number), generate


@intrinsic
def load(typing_context: Any, array: Any, index: Any) -> Any:
    """The eight entries of a C-contiguous float64 array from an index, a tuple, on."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        place = _place(context, builder, array, arguments[0], index, arguments[1])
        lanes = builder.load(place)
        lanes.align = 8
        return lanes

    return LANES(array, index), generate


@intrinsic
def store(typing_context: Any, array: Any, index: Any, lanes: Any) -> Any:
    """Write the eight entries of a C-contiguous float64 array from an index, a tuple, on."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        place = _place(context, builder, array, arguments[0], index, arguments[1])
        builder.store(_as_lanes(context, builder, arguments[2], lanes), place).align = 8

    return types.void(array, index, lanes), generate


@intrinsic
def combine(typing_context: Any, weights: Any, start: Any, stop: Any, rows: Any, first: Any) -> Any:
    """Eight entries of a weighted sum of rows: ``sum(weights[k] * rows[k, first : first + 8] for k in start .. stop)``.

    There are only as many rows as metrics, so the compiler is told not to unroll the loop: that would take it much
    longer, and never pay.
    """

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        count = context.get_value_type(types.intp)
        vector, begin, end, matrix, offset = arguments
        begin, end, offset = (
            context.cast(builder, value, kind, types.intp)
            for value, kind in ((begin, start), (end, stop), (offset, first))
        )
        vector = context.make_array(weights)(context, builder, vector)
        matrix = context.make_array(rows)(context, builder, matrix)
        before = builder.basic_block
        body, after = builder.append_basic_block("combine"), builder.append_basic_block("combined")
        builder.cbranch(builder.icmp_signed("<", begin, end), body, after)
        zero = ir.Constant(_VECTOR, [0.0] * N_LANES)
        with builder.goto_block(body):
            k, total = builder.phi(count), builder.phi(_VECTOR)
            k.add_incoming(begin, before)
            total.add_incoming(zero, before)
            weight = builder.load(cgutils.get_item_pointer(context, builder, weights, vector, [k], wraparound=False))
            place = cgutils.get_item_pointer(context, builder, rows, matrix, [k, offset], wraparound=False)
            lanes = builder.load(builder.bitcast(place, _VECTOR.as_pointer()))
            lanes.align = 8
            grown = builder.fadd(total, builder.fmul(lanes, _splat(builder, weight)))
            following = builder.add(k, ir.Constant(count, 1))
            k.add_incoming(following, body)
            total.add_incoming(grown, body)
            again = builder.cbranch(builder.icmp_signed("<", following, end), body, after)
            again.set_metadata("llvm.loop", _rolled(builder.module))
        builder.position_at_end(after)
        result = builder.phi(_VECTOR)
        result.add_incoming(zero, before)
        result.add_incoming(grown, body)
        return result

    return LANES(weights, start, stop, rows, first), generate


@intrinsic
def lane(typing_context: Any, lanes: Any, which: Any) -> Any:
    """The number in one lane."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.extract_element(arguments[0], arguments[1])

    return types.float64(lanes, which), generate


@intrinsic
def with_lane(typing_context: Any, lanes: Any, which: Any, value: Any) -> Any:
    """The same lanes but for one; all the same where there is no such lane."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        integers = ir.VectorType(ir.IntType(64), N_LANES)
        position = context.cast(builder, arguments[1], which, types.int64)
        here = builder.icmp_signed("==", ir.Constant(integers, list(range(N_LANES))), _splat(builder, position))
        return builder.select(here, _as_lanes(context, builder, arguments[2], value), arguments[0])

    return LANES(lanes, which, value), generate


def _fold(builder: Any, lanes: Any, comparison: str) -> Any:
    """The one number that is greatest or smallest, by three rounds of halves."""
    undefined = ir.Constant(_VECTOR, ir.Undefined)
    for half in (4, 2, 1):
        mask = ir.Constant(ir.VectorType(ir.IntType(32), N_LANES), [(k + half) % N_LANES for k in range(N_LANES)])
        other = builder.shuffle_vector(lanes, undefined, mask)
        lanes = builder.select(builder.fcmp_ordered(comparison, other, lanes), other, lanes)
    return builder.extract_element(lanes, ir.Constant(ir.IntType(32), 0))


@intrinsic
def greatest(typing_context: Any, lanes: Any) -> Any:
    """The greatest number of all lanes."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return _fold(builder, arguments[0], ">")

    return types.float64(lanes), generate


@intrinsic
def smallest(typing_context: Any, lanes: Any) -> Any:
    """The smallest number of all lanes."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return _fold(builder, arguments[0], "<")

    return types.float64(lanes), generate


@intrinsic
def magnitude(typing_context: Any, lanes: Any) -> Any:
    """The absolute value in each lane."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        kind = ir.FunctionType(_VECTOR, [_VECTOR])
        fabs = cgutils.get_or_insert_function(builder.module, kind, f"llvm.fabs.v{N_LANES}f64")
        return builder.call(fabs, arguments)

    return LANES(lanes), generate


@intrinsic
def any_greater(typing_context: Any, left: Any, right: Any) -> Any:
    """Whether one is greater than the other in any lane."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        pair = [_as_lanes(context, builder, *one) for one in zip(arguments, signature.args, strict=True)]
        bits = builder.bitcast(builder.fcmp_ordered(">", *pair), ir.IntType(N_LANES))
        return builder.icmp_unsigned("!=", bits, ir.Constant(ir.IntType(N_LANES), 0))

    return types.boolean(left, right), generate


@intrinsic
def any_at_least(typing_context: Any, left: Any, right: Any) -> Any:
    """Whether one is at least the other in any lane."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        pair = [_as_lanes(context, builder, *one) for one in zip(arguments, signature.args, strict=True)]
        bits = builder.bitcast(builder.fcmp_ordered(">=", *pair), ir.IntType(N_LANES))
        return builder.icmp_unsigned("!=", bits, ir.Constant(ir.IntType(N_LANES), 0))

    return types.boolean(left, right), generate


@intrinsic
def where_greater(typing_context: Any, left: Any, right: Any, then: Any, otherwise: Any) -> Any:
    """``then`` in the lanes where ``left > right``, ``otherwise`` in the rest; numbers stand for eight equal ones."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        a, b, c, d = (_as_lanes(context, builder, *one) for one in zip(arguments, signature.args, strict=True))
        return builder.select(builder.fcmp_ordered(">", a, b), c, d)

    return LANES(left, right, then, otherwise), generate


def _operator(function: Any, instruction: str) -> None:
    """Teach Numba an operator between lanes, or between lanes and a number."""

    @infer_global(function)
    class _Types(AbstractTemplate):  # type: ignore[misc]
        def generic(self, arguments: Any, keywords: Any) -> Any:
            return signature(LANES, *arguments) if LANES in arguments else None

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        pair = [_as_lanes(context, builder, *one) for one in zip(arguments, signature.args, strict=True)]
        return getattr(builder, instruction)(*pair)

    for operands in ((LANES, LANES), (LANES, types.Float), (types.Float, LANES)):
        lower_builtin(function, *operands)(generate)


_operator(operator.add, "fadd")
_operator(operator.sub, "fsub")
_operator(operator.mul, "fmul")
_operator(operator.truediv, "fdiv")
