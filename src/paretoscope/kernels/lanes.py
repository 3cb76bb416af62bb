"""Eight numbers at a time: what one instruction of the processor's vector unit works on.

A compiler turns a long loop into vector instructions by itself, but not the loops over a basis, which are as short as
the number of metrics.  So these are written out: ``load`` eight entries, ``+ - * /``, ``store`` them.  Where a
processor has narrower vectors, the compiler splits each operation, with the same results.

Each operation is written here as what it means, for arrays of eight, and so it is compiled by plain kernels.  Otherwise
`numba_internals` has an instruction of the same name, which takes its place.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, TypeVar, cast

import numpy as np
from numba import types
from numba.extending import intrinsic, register_jitable

from paretoscope.arrays import Array
from paretoscope.kernels.compiler import PLAIN

if not PLAIN:
    from paretoscope.kernels import numba_internals

Function = TypeVar("Function", bound=Callable[..., Any])
Index = tuple[int] | tuple[int, int]

N_LANES = 8


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


def _operation(function: Function) -> Function:
    """The instruction of this name, or for plain kernels the function."""
    if PLAIN:
        return register_jitable(function)
    return cast("Function", getattr(numba_internals, function.__name__))


@intrinsic
def _multiply_add(context: Any, factor: Any, other: Any, term: Any) -> Any:
    """``factor * other + term``, rounded once."""

    def generate(context: Any, builder: Any, signature: Any, operands: Any) -> Any:
        return builder.fma(*operands)

    return types.float64(types.float64, types.float64, types.float64), generate


# --- between memory and lanes -----------------------------------------------------------------------------------------


@_operation
def splat(number: float | Array) -> Array:
    """The same number in all lanes; lanes as they are."""
    lanes = np.empty(N_LANES)
    lanes[:] = number
    return lanes


@_operation
def load(array: Array, index: Index) -> Array:
    """The eight entries from an index, a tuple, on."""
    first = index[-1]
    lanes: Array = array[index[:-1]][first : first + N_LANES]
    return lanes.copy()


@_operation
def store(array: Array, index: Index, lanes: float | Array) -> None:
    """Write the eight entries from an index, a tuple, on."""
    first = index[-1]
    array[index[:-1]][first : first + N_LANES] = lanes


@_operation
def combine(weights: Array, start: int, stop: int, rows: Array, first: int) -> Array:
    """Eight entries of a weighted sum of rows.

    That is the sum over k from `start` up to `stop` of ``weights[k] * rows[k, first : first + 8]``, each product added
    before it is rounded.
    """
    total = np.zeros(N_LANES)
    for k in range(start, stop):
        for j in range(N_LANES):
            total[j] = _multiply_add(rows[k, first + j], weights[k], total[j])  # type: ignore[call-arg]  # Numba adds the context
    return total


# --- single lanes -----------------------------------------------------------------------------------------------------


@_operation
def lane(lanes: Array, which: int) -> float:
    """The number in one lane."""
    return float(lanes[which])


@_operation
def as_index(number: float) -> int:
    """A whole number, as lanes give it, as the integer it is.

    Also of a number that stands in the code, which has a type of its own: what is called with it would be compiled
    once for this number, and once more for all others.
    """
    return np.int64(number)  # type: ignore[return-value]


@_operation
def with_lane(lanes: Array, which: int, number: float) -> Array:
    """The same lanes but for one; all the same where there is no such lane."""
    changed = lanes.copy()
    if 0 <= which < N_LANES:
        changed[which] = number
    return changed


@_operation
def greatest(lanes: Array) -> float:
    """The greatest number of all lanes."""
    folded = lanes.copy()
    for half in (4, 2, 1):
        for k in range(half):
            if folded[k + half] > folded[k]:
                folded[k] = folded[k + half]
    return lane(folded, 0)


@_operation
def smallest(lanes: Array) -> float:
    """The smallest number of all lanes."""
    folded = lanes.copy()
    for half in (4, 2, 1):
        for k in range(half):
            if folded[k + half] < folded[k]:
                folded[k] = folded[k + half]
    return lane(folded, 0)


# --- comparisons; a number stands for eight equal ones ----------------------------------------------------------------


@_operation
def magnitude(lanes: Array) -> Array:
    """The absolute value in each lane."""
    return np.abs(lanes)


@_operation
def any_greater(left: float | Array, right: float | Array) -> bool:
    """Whether one is greater than the other in any lane."""
    left, right = splat(left), splat(right)
    found = False
    for k in range(N_LANES):
        found |= left[k] > right[k]
    return found


@_operation
def any_at_least(left: float | Array, right: float | Array) -> bool:
    """Whether one is greater than or equal to the other in any lane."""
    left, right = splat(left), splat(right)
    found = False
    for k in range(N_LANES):
        found |= left[k] >= right[k]
    return found


@_operation
def where_greater(left: float | Array, right: float | Array, then: float | Array, otherwise: float | Array) -> Array:
    """`then` in the lanes where left is greater, else `otherwise`."""
    left, right, then, chosen = splat(left), splat(right), splat(then), splat(otherwise)
    for k in range(N_LANES):
        if left[k] > right[k]:
            chosen[k] = then[k]
    return chosen
