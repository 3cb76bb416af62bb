"""Write the paper's 17 ImageNet classifiers as ONNX files, with random weights: nothing is downloaded.

    python export.py FOLDER

The time of an inference depends on the architecture and hardly on the weights, so that random ones will do.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import timm
import torch
import torchvision

TORCHVISION = (
    "vgg11",
    "densenet121",
    "resnet18",
    "resnet34",
    "resnet50",
    "resnext50_32x4d",
    "inception_v3",
    "googlenet",
    "squeezenet1_0",
    "squeezenet1_1",
    "mnasnet1_0",
    "mobilenet_v2",
    "mobilenet_v3_small",
    "mobilenet_v3_large",
    "shufflenet_v2_x1_0",
)
TIMM = ("mobilenetv1_100", "dpn92")


def build(name: str) -> torch.nn.Module:
    """The network, ready for inference."""
    torch.manual_seed(0)
    if name in TIMM:
        return timm.create_model(name, pretrained=False).eval()
    # Auxiliary classifiers serve training only.
    options = {"init_weights": True} if name in ("inception_v3", "googlenet") else {}
    return torchvision.models.get_model(name, weights=None, **options).eval()


def main() -> None:
    """Export all of them."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    folder.mkdir(parents=True, exist_ok=True)
    for name in TORCHVISION + TIMM:
        size = 299 if name == "inception_v3" else 224
        path = folder / f"{name}.onnx"
        if path.exists():
            continue
        image = torch.randn(1, 3, size, size)
        torch.onnx.export(build(name), (image,), path, dynamo=True, external_data=False, verbose=False)
        print(f"{path}: {path.stat().st_size / 1e6:.0f} MB")


if __name__ == "__main__":
    main()
