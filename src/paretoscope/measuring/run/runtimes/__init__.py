"""Runtimes load a model and make the step that is timed; one runtime a file, which imports it."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, cast

from paretoscope.errors import OptionError
from paretoscope.measuring.run.conditions import Conditions
from paretoscope.measuring.run.specs import ModelSpec

if TYPE_CHECKING:
    import numpy as np

EXTRAS = {"onnxruntime": "measure", "torch": "torch", "torchvision": "torch", "timm": "torch"}
_MODULES = {"onnxruntime": "onnxruntime", "torch": "pytorch"}


@dataclass(frozen=True, slots=True)
class Loaded:
    """A model that is ready to be timed.

    Attributes
    ----------
    step : callable
        Does one iteration, and returns when its work is done.
    device_peak_bytes : callable, optional
        The most memory that was allocated on the device; without it the process's memory counts.
    """

    step: Callable[[], object]
    device_peak_bytes: Callable[[], int] | None = None


class Runtime(Protocol):
    """What a runtime's module holds."""

    def load(self, spec: ModelSpec, conditions: Conditions, rng: np.random.Generator) -> Loaded:
        """Load a model and make its inputs."""

    def check(self, specs: Sequence[ModelSpec], conditions: Conditions) -> None:
        """Raise OptionError or DataError where a run of one of the models must fail."""


def import_runtime(name: str) -> Runtime:
    """Import the module of a runtime, and with it the runtime."""
    return cast("Runtime", importlib.import_module(f"{__name__}.{_MODULES[name]}"))


def missing(library: str) -> OptionError:
    """The error for a library that is not installed."""
    purpose = {"onnxruntime": "ONNX models", "torch": "PyTorch models"}.get(library, f"{library}:NAME models")
    return OptionError(
        f"{library}: not installed; expected for {purpose}; pip install 'paretoscope[{EXTRAS[library]}]'"
    )
