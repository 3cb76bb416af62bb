"""ONNX models in onnxruntime, on any execution provider that is installed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import onnxruntime as ort

from paretoscope.errors import DataError, OptionError, nearest, quote
from paretoscope.measuring.run.conditions import Conditions
from paretoscope.measuring.run.inputs import fill_dims, random_tensor
from paretoscope.measuring.run.messages import one_line
from paretoscope.measuring.run.runtimes import Loaded
from paretoscope.measuring.run.specs import ModelSpec

if TYPE_CHECKING:
    import numpy as np

_CPU: Final = "CPUExecutionProvider"
_ONNX_BFLOAT16: Final = 16  # TensorProto.BFLOAT16
_ERRORS_ONLY: Final = 3


def load(spec: ModelSpec, conditions: Conditions, rng: np.random.Generator) -> Loaded:
    """Load an ONNX model and make its inputs, which stay in the host's memory: a copy to a device is part of the step.

    Raises
    ------
    OptionError
        If the provider is not installed or takes no part of the model, or the dimensions do not fit.
    DataError
        If the model cannot be loaded, or there are no random inputs of its types.
    """
    _check_provider(conditions.provider)
    options = ort.SessionOptions()
    options.log_severity_level = _ERRORS_ONLY
    options.intra_op_num_threads = conditions.threads
    options.inter_op_num_threads = 1
    if conditions.flush_denormals:
        options.add_session_config_entry("session.set_denormal_as_zero", "1")
    options.add_session_config_entry("session.record_ep_graph_assignment_info", "1")
    session = _open(spec, options, conditions.provider)
    session.disable_fallback()
    check_use(spec, session, conditions.provider)
    feed = _make_feed(spec, session, conditions, rng)
    return Loaded(lambda: session.run_with_ort_values(None, feed))


def check(specs: Sequence[ModelSpec], conditions: Conditions) -> None:
    """Raise what `load` would raise, as far as that is quick to know."""
    _check_provider(conditions.provider)
    if conditions.provider != _CPU:
        return  # other providers may compile for minutes, and load what the CPU's cannot
    options = ort.SessionOptions()
    options.log_severity_level = _ERRORS_ONLY
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_DISABLE_ALL
    for spec in specs:
        session = _open(spec, options, _CPU)
        fill_dims(spec.text, {each.name: each.shape for each in session.get_inputs()}, conditions)


def _check_provider(provider: str) -> None:
    available = ort.get_available_providers()
    if provider not in available:
        raise OptionError(
            f"provider: found {quote(provider)}; expected one that this onnxruntime has: {', '.join(available)}"
            f"{nearest(provider, available)}; others come with other builds, such as onnxruntime-gpu"
        )


def _open(spec: ModelSpec, options: ort.SessionOptions, provider: str) -> ort.InferenceSession:
    try:
        return ort.InferenceSession(spec.location, options, providers=[provider], enable_fallback=0)
    except Exception as error:  # onnxruntime's own classes share no other base
        raise DataError(
            f"{spec.text}: found no model that onnxruntime {ort.__version__} can load with {provider} "
            f"({one_line(error)}); expected a whole ONNX file, with its weights beside it if it keeps them apart, "
            "of operators that it knows; export it again, or update onnxruntime"
        ) from error


def check_use(spec: ModelSpec, session: ort.InferenceSession, provider: str) -> None:
    """Raise OptionError if another provider would do all the work: onnxruntime falls back to the CPU silently."""
    used = session.get_providers()[0]
    # Older versions do not tell where the nodes went.
    if used == provider != _CPU and hasattr(session, "get_provider_graph_assignment_info"):
        parts = {part.ep_name for part in session.get_provider_graph_assignment_info()}
        used = provider if provider in parts or not parts else ", ".join(sorted(parts))
    if used != provider:
        raise OptionError(
            f"{spec.text}: found that onnxruntime runs it by {used}; expected {provider}; "
            "check that the provider's libraries and device are there and support the model's operators"
        )


def _make_feed(
    spec: ModelSpec, session: ort.InferenceSession, conditions: Conditions, rng: np.random.Generator
) -> dict[str, Any]:
    inputs = session.get_inputs()
    shapes = fill_dims(spec.text, {each.name: each.shape for each in inputs}, conditions)
    feed = {}
    for each in inputs:
        values = random_tensor(f"{spec.text}: input {quote(each.name)}", each.type, shapes[each.name], rng)
        if each.type == "tensor(bfloat16)":
            feed[each.name] = ort.OrtValue.ortvalue_from_numpy_with_onnx_type(values, _ONNX_BFLOAT16)
        else:
            feed[each.name] = ort.OrtValue.ortvalue_from_numpy(values)
    return feed
