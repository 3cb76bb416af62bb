#!/usr/bin/env bash
# Measure the 17 classifiers: latency with one and with two threads in ONNX Runtime, and training steps in PyTorch.
set -euo pipefail
here=$(dirname "$0")
out=${1:-runs.csv}

for threads in 1 2; do
  paretoscope measure onnx17/*.onnx --runs 5 --threads "$threads" --min-time 2 --warmup 1 --flush-denormals --out "$out"
done

cut -d, -f1 "$here/top1.csv" | tail -n +2 | while read -r model; do
  case $model in
    mobilenetv1_100 | dpn92) echo "timm:$model" ;;
    *) echo "torchvision:$model" ;;
  esac
done | xargs paretoscope measure --train --threads 2 --batch 4 --runs 5 --min-time 2 --warmup 1 --flush-denormals \
  --images 1281167 --epochs 90 --price-per-hour 0.10 --accuracy "$here/top1.csv" --out "$out"
