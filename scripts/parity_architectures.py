"""The architectures that saywhy's gradients are compared on: who builds them, at what size, and at which layers."""

from parity_convnets import CONVNETS
from parity_tasks import TASKS
from parity_transformers import TRANSFORMERS

CASES = {**CONVNETS, **TRANSFORMERS, **TASKS}
