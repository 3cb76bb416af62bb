"""PyTorch modules, eager or compiled; their weights are random, which leaves the work of an iteration as it is."""

from __future__ import annotations

import functools
import importlib
import inspect
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import torch

from paretoscope.errors import DataError, OptionError, nearest, quote
from paretoscope.measuring.run.conditions import Conditions
from paretoscope.measuring.run.runtimes import Loaded
from paretoscope.measuring.run.runtimes.training import make_training_step
from paretoscope.measuring.run.specs import ModelSpec

if TYPE_CHECKING:
    import numpy as np

_COMPILING_STEPS: Final = 2  # the second may compile again, for what the first has left behind


def load(spec: ModelSpec, conditions: Conditions, rng: np.random.Generator) -> Loaded:
    """Build a module with random weights, make its inputs on its device, and compile it if asked to.

    Raises
    ------
    OptionError
        If the device is missing, the name unknown, or the shape of the inputs is.
    DataError
        If the factory is missing or makes no module.
    """
    # Threads take the flushing of denormals over from the one that starts them, so it comes first.
    torch.set_flush_denormal(conditions.flush_denormals)
    torch.set_num_threads(conditions.threads)
    torch.set_num_interop_threads(1)
    torch.manual_seed(int(rng.integers(2**32)))
    device = torch.device(conditions.device)
    _check_device(conditions.device)
    module = _build(spec).to(device).train(conditions.training)
    inputs = tuple(each.to(device) for each in _make_inputs(spec, module, conditions, rng))
    called = torch.compile(module) if conditions.compiled else module
    if conditions.training:
        step = make_training_step(spec.text, module, inputs, rng, forward=called)
    else:
        step = torch.inference_mode()(functools.partial(called, *inputs))
    if device.type == "cuda":
        step = _synchronised(step, device)
    if conditions.compiled:
        for _ in range(_COMPILING_STEPS):
            step()
    peak = functools.partial(torch.cuda.max_memory_allocated, device) if device.type == "cuda" else None
    return Loaded(step, peak)


def check(specs: Sequence[ModelSpec], conditions: Conditions) -> None:
    """Raise what `load` would raise, as far as that is known without building the modules."""
    _check_device(conditions.device)
    for spec in specs:
        if spec.kind in _BUILDERS:
            _BUILDERS[spec.kind](spec)


def _check_device(device: str) -> None:
    kind, _, index = device.partition(":")
    if kind != "cuda":
        return
    count = torch.cuda.device_count() if torch.cuda.is_available() else 0
    if int(index or 0) >= count:
        known = ", ".join(["cpu", *(f"cuda:{number}" for number in range(count))])
        raise OptionError(
            f"device: found {quote(device)}; expected one that torch {torch.__version__} sees: {known}; "
            "install a build of torch for the device, and its driver"
        )


def _synchronised(step: Callable[[], object], device: torch.device) -> Callable[[], object]:
    def synchronised() -> None:
        step()
        torch.cuda.synchronize(device)

    return synchronised


# --- the module ---


def _build(spec: ModelSpec) -> torch.nn.Module:
    if spec.kind in _BUILDERS:
        return _BUILDERS[spec.kind](spec)()
    module = _import_factory(spec)()
    if not isinstance(module, torch.nn.Module):
        raise DataError(f"{spec.text}: found that it makes {type(module).__name__}; expected a torch.nn.Module")
    return module


def _torchvision_builder(spec: ModelSpec) -> Callable[[], torch.nn.Module]:
    from torchvision import models

    _check_known(spec, models.list_models())
    builder = models.get_model_builder(spec.location)
    options: dict[str, Any] = {"weights": None}
    if "weights_backbone" in inspect.signature(builder).parameters:
        options["weights_backbone"] = None  # by default it would be downloaded
    if spec.location in ("googlenet", "inception_v3"):
        options["init_weights"] = False  # by default they warn, and draw for long
    return functools.partial(builder, **options)


def _timm_builder(spec: ModelSpec) -> Callable[[], torch.nn.Module]:
    import timm

    if not timm.is_model(spec.location):
        _check_known(spec, timm.list_models())
    return functools.partial(timm.create_model, spec.location, pretrained=False)


_BUILDERS: Final[dict[str, Callable[[ModelSpec], Callable[[], torch.nn.Module]]]] = {
    "torchvision": _torchvision_builder,
    "timm": _timm_builder,
}


def _check_known(spec: ModelSpec, known: Iterable[str]) -> None:
    if spec.location not in (names := set(known)):
        raise OptionError(
            f"{spec.text}: found no model {quote(spec.location)} in {spec.kind}; expected one of its {len(names)} names"
            f"{nearest(spec.location, sorted(names))}"
        )


def _import_factory(spec: ModelSpec) -> Callable[[], Any]:
    name, _, attribute = spec.location.partition(":")
    if (here := str(Path.cwd())) not in sys.path:
        sys.path.insert(0, here)
    found: Any = importlib.import_module(name)
    for part in attribute.split("."):
        if not hasattr(found, part):
            raise DataError(
                f"{spec.text}: found no {quote(part)} in {name}; expected a callable that makes a torch.nn.Module"
                f"{nearest(part, dir(found))}"
            )
        found = getattr(found, part)
    if not callable(found) or isinstance(found, torch.nn.Module):
        raise DataError(f"{spec.text}: found {type(found).__name__}; expected a callable that makes a torch.nn.Module")
    return found  # type: ignore[no-any-return]


# --- its inputs ---


def _make_inputs(
    spec: ModelSpec, module: torch.nn.Module, conditions: Conditions, rng: np.random.Generator
) -> tuple[torch.Tensor, ...]:
    import numpy as np

    examples = getattr(module, "example_inputs", None)
    if conditions.input_shape is None and examples is not None:
        return _repeat_examples(spec, examples, conditions.batch)
    shape = conditions.input_shape or _own_shape(spec, module)
    if shape is None:
        raise OptionError(
            f"{spec.text}: found no shape of its inputs; expected that of one sample; give --input-shape 3,224,224, or "
            "let the module have example_inputs, a tuple of tensors, batch first"
        )
    values = torch.from_numpy(rng.standard_normal((conditions.batch, *shape), np.float32))
    precision = next((each.dtype for each in module.parameters() if each.is_floating_point()), values.dtype)
    return (values.to(precision),)


def _repeat_examples(spec: ModelSpec, examples: Any, batch: int) -> tuple[torch.Tensor, ...]:
    """As many rows as the batch has, the examples' own over and over, so that indices stay valid."""
    fitting = isinstance(examples, (tuple, list)) and examples
    if not fitting or not all(isinstance(each, torch.Tensor) and each.ndim and len(each) for each in examples):
        raise DataError(
            f"{spec.text}: found example_inputs that are {type(examples).__name__}; "
            "expected a tuple of tensors, each with at least one row, batch first"
        )
    return tuple(each.detach()[torch.arange(batch) % len(each)] for each in examples)


def _own_shape(spec: ModelSpec, module: torch.nn.Module) -> tuple[int, ...] | None:
    if spec.kind == "timm":
        size = getattr(module, "default_cfg", {}).get("input_size")
        return tuple(size) if size else None
    if spec.kind == "torchvision":
        # Vision transformers are built for one size, which their weights' may differ from.
        side = getattr(module, "image_size", None) or _crop_size(spec.location)
        return (3, side, side) if isinstance(side, int) else None
    return None


def _crop_size(name: str) -> object:
    """The size that the preprocessing of torchvision's weights crops images to, which downloads nothing."""
    from torchvision import models

    weights = getattr(models.get_model_weights(name), "DEFAULT", None)
    return weights.transforms.keywords.get("crop_size") if weights else None
