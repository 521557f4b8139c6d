"""Times pytorch-grad-cam and torchcam on random weights: one JSON line a model, medians in milliseconds.

    python bench/peers.py resnet50 mobilenet_v3_small
"""

import json
import statistics
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "scripts"))
import torchvision_ops  # noqa: F401  (must come before torchvision)
import torch
import torchvision
from pytorch_grad_cam import AblationCAM, GradCAM
from pytorch_grad_cam.utils.model_targets import ClassifierOutputTarget
from torchcam.methods import GradCAM as TorchCam

LAYERS = {
    "resnet18": "layer4",
    "resnet50": "layer4",
    "mobilenet_v3_small": "features.12",
    "efficientnet_b0": "features.8",
}


def median(run, times=9):
    run()
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        run()
        taken.append((time.perf_counter() - start) * 1000)
    return statistics.median(taken)


def main(names):
    torch.set_num_threads(1)
    x = torch.rand(1, 3, 224, 224)
    for name in names:
        model = torchvision.models.get_model(name, weights=None).eval()
        layer = model.get_submodule(LAYERS[name])
        result = {"model": name}
        with torch.no_grad():
            result["forward"] = median(lambda: model(x))
        targets = [ClassifierOutputTarget(3)]
        with GradCAM(model=model, target_layers=[layer]) as cam:
            result["pytorch-grad-cam"] = median(lambda: cam(input_tensor=x, targets=targets))
        with TorchCam(model, target_layer=layer) as cam:
            result["torchcam"] = median(lambda: cam(3, model(x)))
        print(json.dumps(result), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:] or list(LAYERS))
