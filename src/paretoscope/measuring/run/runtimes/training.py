"""A training step: forward, loss, backward, and the optimiser's update."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

import torch
from torch.nn import functional

from paretoscope.errors import DataError, OptionError
from paretoscope.flags import setting
from paretoscope.measuring.run.messages import one_line

if TYPE_CHECKING:
    import numpy as np

# The recipe of torchvision's and timm's reference trainings, but for its rate of 0.1: random labels teach nothing, and
# a low rate keeps the numbers finite. No rate, weight or label changes the work.
_LEARNING_RATE: Final = 1e-4
_MOMENTUM: Final = 0.9
_WEIGHT_DECAY: Final = 1e-4
_AUXILIARY_WEIGHT: Final = 0.4


def make_training_step(
    place: str,
    module: torch.nn.Module,
    inputs: tuple[torch.Tensor, ...],
    rng: np.random.Generator,
    *,
    forward: Callable[..., Any],
) -> Callable[[], object]:
    """Make the step of a classifier: cross entropy with random labels, stochastic gradient descent with momentum.

    Of several outputs the first is the main one, and the others' losses are added with a weight of 0.4, as for the
    auxiliary classifiers of GoogLeNet and Inception.

    Parameters
    ----------
    place : str
        What messages call the model.
    module : torch.nn.Module
        In training mode, on its device.
    inputs : tuple of torch.Tensor
        A batch, on the same device.
    rng : numpy.random.Generator
        Draws the labels.
    forward : callable
        The module, or what it was compiled to.

    Raises
    ------
    OptionError
        If batch normalisation has a single value to normalise.
    DataError
        If there is nothing to train, or the output is no classifier's.
    """
    parameters = [each for each in module.parameters() if each.requires_grad]
    if not parameters:
        raise DataError(f"{place}: found no parameters to train; expected some that require gradients")
    try:
        with torch.no_grad():
            outputs = _output_tensors(module(*inputs))
    except ValueError as error:
        if "more than 1 value per channel" not in str(error):
            raise
        raise OptionError(
            f"{place}: found one value a channel in batch normalisation ({one_line(error)}); "
            f"expected several when training; use {setting('batch', 2 * len(inputs[0]))} or more"
        ) from error
    if not outputs:
        raise DataError(f"{place}: found no tensor in its output; expected the scores of classes")
    labels = [_draw_labels(place, each, rng) for each in outputs]
    optimizer = torch.optim.SGD(parameters, lr=_LEARNING_RATE, momentum=_MOMENTUM, weight_decay=_WEIGHT_DECAY)

    def step() -> None:
        optimizer.zero_grad()
        main, *auxiliary = map(functional.cross_entropy, _output_tensors(forward(*inputs)), labels)
        sum((_AUXILIARY_WEIGHT * loss for loss in auxiliary), start=main).backward()
        optimizer.step()

    return step


def _output_tensors(output: Any) -> list[torch.Tensor]:
    """The main output and, behind it, what auxiliary classifiers put out."""
    if isinstance(output, torch.Tensor):
        return [output]
    if isinstance(output, Mapping):
        output = output.values()
    return [each for each in output if isinstance(each, torch.Tensor)] if hasattr(output, "__iter__") else []


def _draw_labels(place: str, output: torch.Tensor, rng: np.random.Generator) -> torch.Tensor:
    if output.ndim < 2 or not output.is_floating_point():
        raise DataError(
            f"{place}: found an output of shape {tuple(output.shape)}, {output.dtype}; "
            "expected the scores of classes, floats of shape (batch, classes, ...)"
        )
    samples, classes, *positions = output.shape
    return torch.from_numpy(rng.integers(classes, size=(samples, *positions))).to(output.device)
