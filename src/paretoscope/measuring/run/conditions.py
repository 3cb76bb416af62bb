"""What all runs of a target share: runtime, device, threads, batch, how long to measure."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from paretoscope.arrays import check_count
from paretoscope.errors import OptionError, nearest, quote

RUNTIMES: Final = ("onnxruntime", "torch")
OPTIMIZERS: Final = ("sgd",)
PROVIDERS: Final = {
    "cpu": "CPUExecutionProvider",
    "acl": "ACLExecutionProvider",
    "armnn": "ArmNNExecutionProvider",
    "cann": "CANNExecutionProvider",
    "coreml": "CoreMLExecutionProvider",
    "cuda": "CUDAExecutionProvider",
    "directml": "DmlExecutionProvider",
    "dnnl": "DnnlExecutionProvider",
    "migraphx": "MIGraphXExecutionProvider",
    "openvino": "OpenVINOExecutionProvider",
    "qnn": "QNNExecutionProvider",
    "rocm": "ROCMExecutionProvider",
    "tensorrt": "TensorrtExecutionProvider",
    "webgpu": "WebGpuExecutionProvider",
    "xnnpack": "XnnpackExecutionProvider",
}


def provider_name(text: str) -> str:
    """The execution provider that a short name means; other names are left as they are.

    Examples
    --------
    >>> provider_name("cuda"), provider_name("CoreMLExecutionProvider")
    ('CUDAExecutionProvider', 'CoreMLExecutionProvider')
    """
    return PROVIDERS.get(text.lower().removesuffix("executionprovider"), text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditions:
    """What all runs of one target share.

    Parameters
    ----------
    runtime : str
        ``"onnxruntime"`` for ONNX files, ``"torch"`` for PyTorch modules.
    provider : str
        onnxruntime's execution provider, by its own name or a short one (``"cuda"``); the default is the CPU's.
        Always empty under torch.
    device : str
        Where torch computes: ``"cpu"``, ``"cuda"`` or ``"cuda:N"``.
    threads : int
        Threads within an operator; operators run one after the other.
    batch : int
        Samples in an iteration.
    dims : mapping from str to int
        Sizes of the symbolic dimensions of ONNX models, apart from the batch. A dimension without a name is called
        ``INPUT.AXIS``.
    input_shape : tuple of int, optional
        Shape of one sample for torch, ``(3, 224, 224)``; without it the model's own.
    compiled : bool
        Compile a torch module by ``torch.compile``.
    flush_denormals : bool
        Take denormal numbers for zero. Weights that are random or constant can let activations fade into them, which
        trained weights do not, and arithmetic with them is many times slower.
    training : bool
        Time training steps instead of inferences; torch only.
    optimizer : str
        The step's optimiser: ``"sgd"``, with momentum.
    min_time : float
        Seconds that the timed iterations of a run take at least.
    warmup : float
        Seconds of iterations before them.

    Raises
    ------
    OptionError
        If a value is impossible, or does not go with the runtime.

    Examples
    --------
    >>> conditions = Conditions(provider="cpu", threads=2)
    >>> conditions.provider
    'CPUExecutionProvider'
    >>> Conditions.from_json_dict(conditions.to_json_dict()) == conditions
    True
    """

    runtime: str = "onnxruntime"
    provider: str = ""
    device: str = "cpu"
    threads: int = 1
    batch: int = 1
    dims: Mapping[str, int] = field(default_factory=dict)
    input_shape: tuple[int, ...] | None = None
    compiled: bool = False
    flush_denormals: bool = False
    training: bool = False
    optimizer: str = "sgd"
    min_time: float = 3.0
    warmup: float = 1.0

    def __post_init__(self) -> None:
        _check_name("runtime", self.runtime, RUNTIMES)
        _check_name("optimizer", self.optimizer, OPTIMIZERS)
        for name in ("threads", "batch"):
            object.__setattr__(self, name, check_count(name, getattr(self, name)))
        for name in ("compiled", "flush_denormals", "training"):
            if not isinstance(value := getattr(self, name), bool):
                raise OptionError(f"{name}: found {quote(value)}; expected true or false")
        object.__setattr__(self, "dims", _checked_dims(self.dims))
        object.__setattr__(self, "min_time", _checked_seconds("min_time", self.min_time))
        object.__setattr__(self, "warmup", _checked_seconds("warmup", self.warmup))
        if self.input_shape is not None:
            object.__setattr__(self, "input_shape", _checked_shape(self.input_shape))
        if self.runtime == "onnxruntime":
            self._check_onnxruntime()
        else:
            self._check_torch()

    def _check_onnxruntime(self) -> None:
        object.__setattr__(self, "provider", provider_name(self.provider or "cpu"))
        if self.device != "cpu":
            raise OptionError(
                f"device: found {quote(self.device)} with onnxruntime; expected it with torch only; give a provider"
            )
        for name in ("compiled", "training"):
            if getattr(self, name):
                raise OptionError(f"{name}: found it with onnxruntime; expected it with torch only")
        if self.input_shape is not None:
            raise OptionError(
                "input_shape: found it with onnxruntime; expected it with torch only; dims sizes dimensions"
            )

    def _check_torch(self) -> None:
        if self.provider:
            raise OptionError(
                f"provider: found {quote(self.provider)} with torch; expected it with onnxruntime only; give a device"
            )
        if self.dims:
            raise OptionError("dims: found them with torch; expected them with onnxruntime only; give input_shape")
        kind, _, index = self.device.partition(":")
        if kind not in ("cpu", "cuda") or (":" in self.device and not (kind == "cuda" and index.isdecimal())):
            raise OptionError(f"device: found {quote(self.device)}; expected cpu, cuda or cuda:N")

    def to_json_dict(self) -> dict[str, Any]:
        """Return all fields as JSON can hold them."""
        return {item.name: _plain(getattr(self, item.name)) for item in dataclasses.fields(self)}

    @classmethod
    def from_json_dict(cls, fields: Mapping[str, Any]) -> Conditions:
        """Make the conditions from what `to_json_dict` returned."""
        shape = fields.get("input_shape")
        return cls(**{**fields, "input_shape": None if shape is None else tuple(shape)})


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return dict(value)
    return list(value) if isinstance(value, tuple) else value


def _check_name(option: str, value: object, known: tuple[str, ...]) -> None:
    if value not in known:
        raise OptionError(f"{option}: found {quote(value)}; expected {' or '.join(known)}{nearest(str(value), known)}")


def _checked_seconds(option: str, value: object) -> float:
    if not isinstance(value, (int, float)) or isinstance(value, bool) or not 0 <= value < math.inf:
        raise OptionError(f"{option}: found {quote(value)}; expected seconds, 0 or more")
    return float(value)


def _checked_dims(dims: object) -> dict[str, int]:
    if not isinstance(dims, Mapping) or not all(isinstance(name, str) for name in dims):
        raise OptionError(f"dims: found {quote(dims)}; expected sizes by the names of dimensions")
    return {name: check_count(f"dims[{quote(name)}]", dims[name]) for name in sorted(dims)}


def _checked_shape(shape: object) -> tuple[int, ...]:
    if not isinstance(shape, (tuple, list)) or not shape:
        raise OptionError(f"input_shape: found {quote(shape)}; expected the sizes of one sample, as in 3,224,224")
    return tuple(check_count("input_shape", size) for size in shape)
