"""Runs pytorch-grad-cam and torchcam on random weights when it is told to, for bench/run.ts, which times the answers.

Lines of standard input: `load NAME` (a model of torchvision), then `forward`, `pytorch-grad-cam` or `torchcam` for one run of
it. Each is answered by a line `done` when it has run, with how many milliseconds that took here.
"""

import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "scripts"))
import torchvision_ops  # noqa: F401  (must come before torchvision)
import torch
import torchvision
from pytorch_grad_cam import GradCAM
from pytorch_grad_cam.utils.model_targets import ClassifierOutputTarget
from torchcam.methods import GradCAM as TorchCam

LAYERS = {
    "resnet18": "layer4",
    "resnet50": "layer4",
    "mobilenet_v3_small": "features.12",
    "efficientnet_b0": "features.8",
}


def runs_of(name):
    """What can be asked of a model, by name. torchcam keeps its hooks, so each has a model of its own."""
    x = torch.rand(1, 3, 224, 224)
    plain, ours, theirs = (torchvision.models.get_model(name, weights=None).eval() for _ in range(3))
    cam = GradCAM(model=ours, target_layers=[ours.get_submodule(LAYERS[name])])
    torchcam = TorchCam(theirs, target_layer=theirs.get_submodule(LAYERS[name]))
    targets = [ClassifierOutputTarget(3)]

    def forward():
        with torch.no_grad():
            plain(x)

    return {
        "forward": forward,
        "pytorch-grad-cam": lambda: cam(input_tensor=x, targets=targets),
        "torchcam": lambda: torchcam(3, theirs(x)),
    }


def main():
    torch.set_num_threads(1)
    runs = {}
    for line in sys.stdin:
        command, _, name = line.strip().partition(" ")
        start = time.perf_counter()
        if command == "load":
            runs = runs_of(name)
        else:
            runs[command]()
        print("done", (time.perf_counter() - start) * 1000, flush=True)


if __name__ == "__main__":
    main()
