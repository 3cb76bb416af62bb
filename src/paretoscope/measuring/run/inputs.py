"""Random inputs of the shapes and types that an ONNX model asks for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from paretoscope.errors import DataError, OptionError, listing, nearest, quote, unquoted
from paretoscope.measuring.run.conditions import Conditions

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# What onnxruntime calls a type, and the name of NumPy's.
_FLOATS: Final = {"float16": "float16", "float": "float32", "double": "float64"}
_INTEGERS: Final = ("int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64")
_BYTES: Final = ("int8", "uint8")

Shape = Sequence[int | str | None]


def fill_dims(model: str, shapes: Mapping[str, Shape], conditions: Conditions) -> dict[str, tuple[int, ...]]:
    """Give the symbolic dimensions of a model's inputs their sizes.

    The first dimension of an input is the batch if it is symbolic and `dims` does not size it.

    Parameters
    ----------
    model : str
        What messages call the model.
    shapes : mapping from str to sequence of int, str or None
        Shape of each input; a symbolic dimension is its name, or None (or not positive) if it has none.
    conditions : Conditions
        Of which `batch` and `dims` count.

    Raises
    ------
    OptionError
        If a dimension has no size, a size no dimension, or the batch is fixed and differs.

    Examples
    --------
    >>> fill_dims("net.onnx", {"image": ["N", 3, "side", "side"]}, Conditions(batch=8, dims={"side": 64}))
    {'image': (8, 3, 64, 64)}
    """
    named = {name: _name_dims(name, shape) for name, shape in shapes.items()}
    symbols = list(dict.fromkeys(dim for shape in named.values() for dim in shape if isinstance(dim, str)))
    for name in conditions.dims:
        if name not in symbols:
            known = f"one of {listing(symbols, unquoted)}" if symbols else "none, because all its dimensions are fixed"
            raise OptionError(
                f"{model}: found no dimension {quote(name)} to size; expected {known}{nearest(name, symbols)}"
            )
    leading = [shape[0] for shape in named.values() if shape]
    batches = dict.fromkeys((dim for dim in leading if isinstance(dim, str)), conditions.batch)
    sizes = batches | dict(conditions.dims)
    for name, shape in named.items():
        for dim in shape:
            if isinstance(dim, str) and dim not in sizes:
                raise OptionError(
                    f"{model}: input {quote(name)}: found the symbolic dimension {quote(dim)} without a size; "
                    f"expected one; give --dim {dim}=SIZE"
                )
    filled = {
        name: tuple(sizes[dim] if isinstance(dim, str) else dim for dim in shape) for name, shape in named.items()
    }
    _check_batch(model, named, filled, conditions.batch)
    return filled


def _name_dims(name: str, shape: Shape) -> list[int | str]:
    """A name for every symbolic dimension, INPUT.AXIS if the model gives none."""
    return [
        f"{name}.{axis}" if dim is None or dim == "" or (isinstance(dim, int) and dim < 0) else dim
        for axis, dim in enumerate(shape)
    ]


def _check_batch(
    model: str, named: Mapping[str, Sequence[int | str]], filled: Mapping[str, tuple[int, ...]], batch: int
) -> None:
    """Samples per second are counted in the first input, so its first dimension has to be the batch."""
    name = next((name for name, shape in filled.items() if shape), None)
    if name is None or filled[name][0] == batch:
        return
    size = filled[name][0]
    if isinstance(named[name][0], str):
        raise OptionError(
            f"{model}: input {quote(name)}: found --dim {named[name][0]}={size} for the first dimension, the batch; "
            f"expected the batch of {batch}; give --batch {size} instead"
        )
    raise OptionError(
        f"{model}: input {quote(name)}: found the fixed batch {size}; expected {batch}; "
        f"use --batch {size}, or export the model with a symbolic first dimension"
    )


def random_tensor(place: str, onnx_type: str, shape: tuple[int, ...], rng: np.random.Generator) -> NDArray[Any]:
    """Draw the values of one input.

    Floating-point numbers are standard normal. Integers are 0 or 1, which may also be the indices of a token, the type
    of a token or a mask; those of eight bits take all their values. NumPy has no bfloat16: its bits come as uint16.

    Parameters
    ----------
    place : str
        What messages call the input.
    onnx_type : str
        Its type as onnxruntime names it, ``"tensor(float)"``.
    shape : tuple of int
        Its shape.
    rng : numpy.random.Generator
        Where the numbers come from.

    Raises
    ------
    DataError
        If there are no random inputs of the type.
    """
    import numpy as np

    element = onnx_type.removeprefix("tensor(").removesuffix(")")
    if element in _FLOATS:
        precision = np.float64 if element == "double" else np.float32
        return rng.standard_normal(shape, precision).astype(_FLOATS[element], copy=False)
    if element == "bfloat16":
        bits = rng.standard_normal(shape, np.float32).view(np.uint32) >> 16
        return bits.astype(np.uint16)
    if element in _INTEGERS:
        limits = np.iinfo(element)
        low, high = (int(limits.min), int(limits.max)) if element in _BYTES else (0, 1)
        return rng.integers(low, high, shape, element, endpoint=True)
    if element == "bool":
        return rng.integers(0, 1, shape, np.uint8, endpoint=True).astype(np.bool_)
    raise DataError(
        f"{place}: found the type {onnx_type}; expected a tensor of floats (16 to 64 bits), integers or booleans; "
        "wrap the model so that its inputs are such tensors"
    )
