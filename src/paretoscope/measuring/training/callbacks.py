"""Callbacks that measure what a training costs, for the trainers of Lightning and of Hugging Face's transformers."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from paretoscope.errors import OptionError

if TYPE_CHECKING:
    from paretoscope.measuring.training.loops import TrainingCost

_LIGHTNING: Final = ("lightning.pytorch", "pytorch_lightning")


def lightning_callback(cost: TrainingCost) -> Any:
    """Make a callback for Lightning's Trainer that measures `fit`, with the validations in it.

    Of a distributed training the first process writes the run.

    Raises
    ------
    OptionError
        If neither ``lightning`` nor ``pytorch_lightning`` is installed.

    Examples
    --------
    >>> from paretoscope.measuring.training.loops import training_cost
    >>> cost = training_cost("resnet18", out="runs.csv")
    >>> trainer = lightning.Trainer(callbacks=[lightning_callback(cost)])  # doctest: +SKIP
    """
    # Both packages may be installed; the one in use has been imported.
    modules = sorted(_LIGHTNING, key=lambda name: name not in sys.modules)
    base = _base_class(modules, "Callback", "lightning")

    class TrainingCostCallback(base):  # type: ignore[misc, valid-type]
        def on_fit_start(self, trainer: Any, pl_module: Any) -> None:
            cost.start(record=trainer.is_global_zero)

        def on_fit_end(self, trainer: Any, pl_module: Any) -> None:
            cost.finish()

        def on_exception(self, trainer: Any, pl_module: Any, exception: BaseException) -> None:
            cost.abandon()

    return TrainingCostCallback()


def transformers_callback(cost: TrainingCost) -> Any:
    """Make a callback for the Trainer of Hugging Face's transformers that measures `train`, with evaluations in it.

    Of a distributed training the first process writes the run.

    Raises
    ------
    OptionError
        If ``transformers`` is not installed.

    Examples
    --------
    >>> from paretoscope.measuring.training.loops import training_cost
    >>> cost = training_cost("resnet18", out="runs.csv")
    >>> trainer.add_callback(transformers_callback(cost))  # doctest: +SKIP
    """
    base = _base_class(("transformers",), "TrainerCallback", "transformers")

    class TrainingCostCallback(base):  # type: ignore[misc, valid-type]
        def on_train_begin(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
            cost.start(record=state.is_world_process_zero)

        def on_train_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
            cost.finish()

    return TrainingCostCallback()


def _base_class(modules: Iterable[str], name: str, package: str) -> Any:
    for module in modules:
        try:
            return getattr(import_module(module), name)
        except ImportError:
            continue
    raise OptionError(f"{package}: not installed; expected for its callback; pip install {package}")
