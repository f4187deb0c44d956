"""A sampler of the broken phase that stays where M > 0 fails, raw and reweighted; the same one with both phases passes."""

import pytest
import torch

from emulant.contracts.source import Source
from emulant.scalar.moves import kernel_of
from emulant.scalar.starts import start_at
from emulant.statistics.weights import effective_fraction
from emulant.systems.phi4.system import Phi4
from emulant.transport.annealing import Annealing, levels_of

BROKEN = Phi4(0.32, 0.05, (8, 8))
COUNT = 1024


def annealed(count, seed, *, upward):
    """Fields of annealing from a Gaussian about each mean, or about the positive one alone, and their ln w."""
    start = start_at(BROKEN, 2)
    latents = start.sample(count, torch.Generator().manual_seed(seed))
    if upward:
        latents = latents * latents.mean((1, 2), keepdim=True).sign()
    moves, _ = kernel_of(BROKEN, start)
    path = Annealing(start, BROKEN.action, moves, levels_of(20)).forward(latents, seed)
    return path.fields.numpy(), -path.work.sum(1).numpy()


@pytest.fixture(scope="module")
def moved():
    """Independent fields of both phases after 10 moves at the action itself."""
    start = start_at(BROKEN, 2)
    moves, _ = kernel_of(BROKEN, start)
    fields = start.sample(4 * COUNT, torch.Generator().manual_seed(1)).numpy()
    for seed in range(10):
        fields = moves(fields, 1.0, seed)
    return fields


@pytest.mark.parametrize("upward", [False, True])
def test_a_lost_phase_fails_however_good_its_weights_are(moved, write, judged, upward):
    """Weights of one phase are as equal as those of both, and say nothing of the other; M does. False alarm: one in 100."""
    fields, log_weight = annealed(COUNT, 5, upward=upward)
    assert effective_fraction(log_weight)[0] > 0.8
    weighted = Source("model", "weighted")
    paths = {
        "reference": write("reference", moved),
        "model": write("model", fields),
        weighted: write("weighted", fields, log_weight=log_weight),
    }
    result = judged(paths, BROKEN)
    verdicts = result.verdicts.set_index(["model", "variant"])["verdict"]
    assert verdicts[weighted] == ("fail" if upward else "pass")
    mean = result.comparison.query("observable == 'magnetisation' and model == 'model'").set_index("variant")
    assert (mean["pull"].abs() > 20).all() == upward
    assert (verdicts["model", ""] == "fail") >= upward
