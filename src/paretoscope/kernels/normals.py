r"""Standard normals: NumPy's SFC64 and ziggurat again, in a loop that the compiler sees whole.

Drawing numbers is a large part of a bootstrap, and `numpy.random.Generator.standard_normal` spends most of its time on
calling the bit generator through a pointer, once a number.  Here the state stays in registers.  The same random words
are used in the same order, so a `Generator` that starts from the same state gives the same numbers, but for its tables'
rounding.

The ziggurat covers half of the bell curve by layers of equal area.  A random word chooses a layer, a side, and a place
between the axis and the layer's width.  In the layer's core the place is below the curve for certain; outside, which is
one word in a hundred, the curve is asked, or the tail in the lowest layer.

References
----------
Doty-Humphrey (2014), PractRand, for SFC64; Marsaglia, Tsang (2000), "The ziggurat method for generating random
variables", Journal of Statistical Software 5(8).
"""

from __future__ import annotations

import math

import numpy as np

from paretoscope.arrays import Array, IntArray
from paretoscope.kernels.compiler import inner, pasted

State = tuple[np.uint64, np.uint64, np.uint64, np.uint64]  # a, b, c and the counter of SFC64

_N_LAYERS = 256
_TAIL = 3.6541528853610087963519472518  # where the tail begins, so that so many layers end at the top of the bell
_N_PLACES = 2**52


def _bell(x: float) -> float:
    return math.exp(-0.5 * x * x)


def _build_layers() -> tuple[Array, IntArray, Array]:
    """Distance between places, number of places in the core, and height of the curve at the width, of each layer.

    Layer 0 is the lowest, which has the tail; the others follow from the top of the bell down.  Distances stand twice,
    the second time for the negative side.
    """
    area = _TAIL * _bell(_TAIL) + math.sqrt(math.pi / 2.0) * math.erfc(_TAIL / math.sqrt(2.0))
    upward = [_TAIL]
    while len(upward) < _N_LAYERS - 1:
        upward.append(math.sqrt(-2.0 * math.log(area / upward[-1] + _bell(upward[-1]))))
    widths = np.array([area / _bell(_TAIL), *reversed(upward)])
    cores = np.array([_TAIL, 0.0, *widths[1:-1]])  # under the curve is what the layer above covers, too
    heights = np.array([1.0, *map(_bell, widths[1:])])
    distances = widths / _N_PLACES
    return np.concatenate([distances, -distances]), (cores / widths * _N_PLACES).astype(np.int64), heights


_DISTANCES, _CORES, _HEIGHTS = _build_layers()


@pasted
def next_word(state: State) -> tuple[np.uint64, State]:
    """The next 64 random bits of SFC64, and its next state."""
    a, b, c, counter = state
    word = a + b + counter
    a = b ^ (b >> np.uint64(11))
    b = c + (c << np.uint64(3))
    c = ((c << np.uint64(24)) | (c >> np.uint64(40))) + word
    return word, (a, b, c, counter + np.uint64(1))


@pasted
def next_uniform(state: State) -> tuple[float, State]:
    """A number in [0, 1) with 53 random bits."""
    word, state = next_word(state)
    return np.int64(word >> np.uint64(11)) / 2.0**53, state


@inner
def next_in_tail(state: State) -> tuple[float, State]:
    """A normal beyond the lowest layer (Marsaglia 1964)."""
    while True:
        uniform, state = next_uniform(state)
        other, state = next_uniform(state)
        beyond, drop = -math.log1p(-uniform) / _TAIL, -math.log1p(-other)
        if 2.0 * drop > beyond * beyond:
            return _TAIL + beyond, state


@inner
def next_outside_core(layer: np.int64, place: np.int64, value: float, state: State) -> tuple[bool, float, State]:
    """What becomes of a place at the edge of its layer: whether there is a normal, and which."""
    if layer == 0:
        value, state = next_in_tail(state)
        return True, -value if place & 256 else value, state
    uniform, state = next_uniform(state)
    height = _HEIGHTS[layer] + (_HEIGHTS[layer - 1] - _HEIGHTS[layer]) * uniform
    return height < math.exp(-0.5 * value * value), value, state


@pasted
def next_normal(state: State) -> tuple[float, State]:
    """A standard normal, and the state after it."""
    while True:
        word, state = next_word(state)
        # From the lowest bit on: 8 bits for the layer, 1 for the side, 52 for the place.
        layer, layer_and_side = np.int64(word & np.uint64(255)), np.int64(word & np.uint64(511))
        place = np.int64((word >> np.uint64(9)) & np.uint64(_N_PLACES - 1))
        value = place * _DISTANCES[layer_and_side]
        if place < _CORES[layer]:
            return value, state
        found, value, state = next_outside_core(layer, place, value, state)
        if found:
            return value, state
