"""Writes cases for the live comparison with PyTorch: models with random calibrated weights and what PyTorch says of them.

    python scripts/parity_cases.py --list
    python scripts/parity_cases.py --out DIR [--only resnet18,vit_tiny_patch16] [--turn 7 | --all] [--jobs 2]

Each case is a folder DIR/<name>:
    <exporter>-<opset>.onnx             plain forward graph, input `input`, output `logits`
    <exporter>-<opset>-<variant>.onnx   the same `optimised` by ONNX Runtime (level "extended"), or `folded`: at a fixed batch,
                                        with everything computed that hangs on no input
    case.json            { name, files: [{ model, plain, exporter, opset, variant }], input: shape, class, seed, layer: { module,
                           shape }, cam?: { module, shape: [h, w], size: [H, W] }, noise: { logits, gradient, inputGradient } }
    input.f32            the input
    logits.f32           [1, classes], by PyTorch in float64, as are the gradients of logits[0, class]:
    gradient.f32         at the layer
    input-gradient.f32   at the input
    cam-raw.f32          Grad-CAM at cam's layer, [h, w] after its ReLU, float64
    cam.f32              pytorch-grad-cam's own map [H, W] in 0..1, from float32

DIR/run.json: { turn?, names, complete: whether those are all, without: { name: { exporter: what it says when it fails } } }

One exporter, opset and variant of each architecture, which --turn chooses; --all writes every one. All .f32 files are
little-endian float32 in row-major order. noise is the largest relative L2 distance between float32 and float64 results of
PyTorch: in deep ReLU networks one activation on the other side of zero already moves it, so several pictures are tried and
the quietest is kept.
"""

import argparse
import copy
import sys
import time
import warnings
import zlib
from concurrent.futures import ProcessPoolExecutor
from itertools import repeat
from multiprocessing import get_context
from pathlib import Path

import torchvision_ops  # noqa: F401  isort: skip  before pytorch_grad_cam, which imports torchvision

import numpy as np
import onnxruntime
import torch
from pytorch_grad_cam import GradCAM
from pytorch_grad_cam.utils.model_targets import ClassifierOutputTarget
from torch import nn

from export_model import export
from golden import Gradients, check_against_differences, relative_error, sound_batch_norms
from json_file import write_json
from parity_architectures import CASES
from parity_case import EXPORTS, Case
from parity_tasks import ABSENT
from random_weights import calibrate, pictures

QUIET = 5e-5  # float32 noise of a network where nothing flipped: half the bound
WEIGHTS = 3  # draws of the network's weights
PICTURES = 4  # tried for each
ROUNDING = 5e-7  # relative; what folding a batch norm into a convolution, or another order of sums, does to each weight
JITTERS = 2


def build(case: Case, seed: int) -> nn.Module:
    torch.manual_seed(seed)
    module = case.build()
    for child in module.modules():
        if hasattr(child, "inplace"):
            child.inplace = False  # a layer's output must still be there to differentiate at
    return calibrate(module, (3, case.size, case.size), seed)


class Run:
    """PyTorch's float64 results for one picture, and how far float32 strays from them."""

    def __init__(self, case: Case, module: nn.Module, double: nn.Module, jittered: list[nn.Module], seed: int):
        self.seed, self.module, self.double = seed, module, double
        generator = torch.Generator().manual_seed(seed)
        self.x = pictures(1, 3, case.size, case.size, generator)
        self.scores = double(self.x.double())
        self.index = int(self.scores.argmax())
        self.exact = self._gradients(double, case.layer, self.x.double())
        self.noise = {"logits": 0.0, "gradient": 0.0, "inputGradient": 0.0}
        # float32 runs that round differently: what flips in none of them is not likely to flip elsewhere.
        for variant, mkldnn in ((module, True), (module, False), *((variant, True) for variant in jittered)):
            with torch.backends.mkldnn.flags(enabled=mkldnn):
                self._measure(self._gradients(variant, case.layer, self.x))

    def check(self) -> None:
        cotangent = nn.functional.one_hot(torch.tensor([self.index]), self.scores.shape[-1])
        check_against_differences(self.double, self.exact, self.x.double(), cotangent)

    @property
    def loudest(self) -> float:
        return max(self.noise["gradient"], self.noise["inputGradient"])

    def _measure(self, single: Gradients) -> None:
        errors = {
            "logits": relative_error(single.logits, self.exact.logits),
            "gradient": relative_error(single.gradient, self.exact.gradient),
            "inputGradient": relative_error(single.input_gradient, self.exact.input_gradient),
        }
        self.noise = {key: max(self.noise[key], error) for key, error in errors.items()}

    def _gradients(self, module: nn.Module, layer: str, x: torch.Tensor) -> Gradients:
        cotangent = nn.functional.one_hot(torch.tensor([self.index]), self.scores.shape[-1])
        return Gradients(module, module.get_submodule(layer), x, cotangent)

    def raw_cam(self, case: Case) -> torch.Tensor:
        run = self._gradients(self.double, case.cam, self.x.double())
        run.activation, run.gradient = case.as_map(run.activation), case.as_map(run.gradient)
        return run.grad_cam

    def peer_cam(self, case: Case) -> np.ndarray:
        """pytorch-grad-cam's map at the input's size."""
        layers = [self.module.get_submodule(case.cam)]
        cam = GradCAM(model=self.module, target_layers=layers, reshape_transform=case.as_map)
        with sound_batch_norms(), cam:
            return cam(input_tensor=self.x.clone().requires_grad_(), targets=[ClassifierOutputTarget(self.index)])[0]


def jitter(module: nn.Module, seed: int) -> nn.Module:
    """The module with every weight moved by about a rounding."""
    generator = torch.Generator().manual_seed(seed)
    result = copy.deepcopy(module)
    with torch.no_grad():
        for weight in result.parameters():
            weight.mul_(1 + ROUNDING * torch.randn(weight.shape, generator=generator))
    return result


def quietest(case: Case, name: str) -> Run:
    best: Run | None = None
    for draw in range(WEIGHTS):
        seed = zlib.crc32(name.encode()) + 1000 * draw
        module = build(case, seed)
        double = copy.deepcopy(module).double()
        jittered = [jitter(module, seed + index) for index in range(JITTERS)]
        for attempt in range(1, PICTURES + 1):
            run = Run(case, module, double, jittered, seed + attempt)
            if best is None or run.loudest < best.loudest:
                best = run
            if best.loudest <= QUIET:
                return best
    return best


LEVELS = {
    "optimised": onnxruntime.GraphOptimizationLevel.ORT_ENABLE_EXTENDED,
    "folded": onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC,
}


def rewrite(source: Path, target: Path, variant: str) -> None:
    """ONNX Runtime's own offline optimisation."""
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    options.graph_optimization_level = LEVELS[variant]
    options.optimized_model_filepath = str(target)
    if variant == "folded":
        options.add_free_dimension_override_by_name("batch", 1)
    onnxruntime.InferenceSession(str(source), options, providers=["CPUExecutionProvider"])


def write_files(case: Case, run: Run, folder: Path, wanted: list[tuple[str, int, str]]) -> list[dict]:
    files = []
    for exporter, opset, variant in wanted:
        plain = f"{exporter}-{opset}.onnx"
        model = plain if variant == "plain" else f"{exporter}-{opset}-{variant}.onnx"
        if not (folder / plain).exists():
            write_plain(case, run, folder / plain, exporter, opset)
        if variant != "plain":
            rewrite(folder / plain, folder / model, variant)
        files.append({"model": model, "plain": plain, "exporter": exporter, "opset": opset, "variant": variant})
    return files


def write_plain(case: Case, run: Run, path: Path, exporter: str, opset: int) -> None:
    export(run.module, run.x, path, exporter=exporter, opset=opset, dynamic_batch=case.dynamic_batch)
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    (scores,) = session.run(["logits"], {"input": run.x.numpy()})
    # Where the runtime is wrong about the file itself, its gradients say nothing.
    if relative_error(torch.from_numpy(scores), run.exact.logits) > 1e-3:
        raise ValueError("onnxruntime computes other scores than PyTorch")


def check_failures(case: Case, run: Run, folder: Path) -> None:
    """Raises if an exporter that is said to fail on the architecture does not, or does so for another reason."""
    for exporter, opset in EXPORTS:
        reason = case.reason(exporter, opset)
        if reason is None:
            continue
        try:
            write_plain(case, run, folder / "failing.onnx", exporter, opset)
        except Exception as error:
            if reason not in str(error):
                raise
        else:
            raise ValueError(f"{exporter} {opset} was to fail with {reason!r}, and did not")


def turn_of(name: str, case: Case, turn: int) -> list[tuple[str, int, str]]:
    """One of the files that there are of a case; another one with the next turn, and not the same for every case."""
    files = case.files
    return [files[(turn + list(CASES).index(name)) % len(files)]]


def write_case(name: str, folder: Path, turn: int | None) -> dict:
    """turn: which of its files is written; None for all."""
    case = CASES[name]
    folder.mkdir(parents=True, exist_ok=True)
    run = quietest(case, name)
    run.check()
    if turn is None:
        check_failures(case, run, folder)
    result = {
        "name": name,
        "files": write_files(case, run, folder, case.files if turn is None else turn_of(name, case, turn)),
        "input": list(run.x.shape),
        "class": run.index,
        "seed": run.seed,
        "layer": {"module": case.layer, "shape": list(run.exact.gradient.shape)},
        "noise": run.noise,
    }
    write_array(folder / "input.f32", run.x)
    write_array(folder / "logits.f32", run.exact.logits)
    write_array(folder / "gradient.f32", run.exact.gradient)
    write_array(folder / "input-gradient.f32", run.exact.input_gradient)
    if case.cam:
        raw, peer = run.raw_cam(case), run.peer_cam(case)
        result["cam"] = {"module": case.cam, "shape": list(raw.shape), "size": list(peer.shape)}
        write_array(folder / "cam-raw.f32", raw)
        write_array(folder / "cam.f32", peer)
    write_json(folder / "case.json", result)
    return result


def write_array(path: Path, values) -> None:
    values = values.detach().numpy() if isinstance(values, torch.Tensor) else values
    path.write_bytes(np.ascontiguousarray(values, dtype="<f4").tobytes())


def attempt(name: str, out: Path, turn: int | None) -> str | None:
    """Writes a case and says so. Returns its name where that fails."""
    start = time.perf_counter()
    try:
        result = write_case(name, out / name, turn)
    except Exception as error:
        print(f"{name}: {type(error).__name__}: {str(error)[:500]}", file=sys.stderr, flush=True)
        return name
    noise = ", ".join(f"{key} {value:.1e}" for key, value in result["noise"].items())
    made = ", ".join(f"{file['exporter']} {file['opset']} {file['variant']}" for file in result["files"])
    took = time.perf_counter() - start
    print(f"{name} ({made}): noise {noise}; {took:.1f} s", file=sys.stderr, flush=True)
    return None


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, help="folder to write one folder a case into")
    parser.add_argument("--only", help="names of cases, separated by commas")
    parser.add_argument("--turn", type=int, default=0, help="which exporter, opset and variant to write of each")
    parser.add_argument("--all", action="store_true", help="write every exporter, opset and variant of each")
    parser.add_argument("--jobs", type=int, default=1, help="processes that write at the same time")
    parser.add_argument("--list", action="store_true", help="print the names of the cases")
    arguments = parser.parse_args()
    if arguments.list:
        print("\n".join(CASES))
        return
    if not arguments.out:
        parser.error("--out DIR is needed to write cases (or --list)")
    names = arguments.only.split(",") if arguments.only else list(CASES)
    unknown = [name for name in names if name not in CASES]
    if unknown:
        parser.error(f"unknown case {', '.join(unknown)}; --list prints the names")
    turn = None if arguments.all else arguments.turn
    arguments.out.mkdir(parents=True, exist_ok=True)
    without = {name: dict(CASES[name].without) for name in names if CASES[name].without}
    complete = len(names) == len(CASES)
    without |= ABSENT
    write_json(arguments.out / "run.json", {"turn": turn, "names": names, "complete": complete, "without": without})
    with ProcessPoolExecutor(arguments.jobs, get_context("fork"), initializer=prepare_process) as pool:
        failed = list(filter(None, pool.map(attempt, names, repeat(arguments.out), repeat(turn))))
    if failed:
        sys.exit(f"failed: {', '.join(failed)}")


def prepare_process() -> None:
    warnings.filterwarnings("ignore", message="TF32 acceleration")  # said at each switch of mkldnn
    torch.set_num_threads(1)


if __name__ == "__main__":
    main()
