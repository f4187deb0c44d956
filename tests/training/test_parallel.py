import pickle
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
import torch

from emulant.families.diffusion.model import Model
from emulant.families.energy import Model as Energy
from emulant.scalar.symmetry import reflected_and_exchanged
from emulant.training.loop import TrainingSettings, train
from emulant.training.parallel import sharing, together
from tests.settings import SMALL_DIFFUSION

PLANE = SMALL_DIFFUSION | {"network": {"channels": 8, "blocks": 2, "embedding": 8}}
SYMMETRIES = {Model: (reflected_and_exchanged,), Energy: ()}
SHORT = TrainingSettings(steps=12, batch=64, report_every=4, checkpoint_every=5, devices=2)


def fields(*shape):
    return torch.randn(600, *shape, generator=torch.Generator().manual_seed(1))


def trained(family, settings, data, checkpoint, devices, **options):
    torch.manual_seed(3)
    model = family.build(settings, data)
    options = {"seed": 5, "checkpoint": checkpoint, "stamp": "x", "devices": devices} | options
    options["symmetries"] = SYMMETRIES[family]
    network = model.network
    result = train(model, model.examples(data, 5), SHORT, **options)
    # What shares gradients holds the process group, which would never end if it were held longer.
    assert model.network is network
    return result


def losses(curve):
    return torch.tensor([[row["loss"], row["validation_loss"]] for row in curve], dtype=torch.float64)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("family", "settings", "shape"),
    [(Model, SMALL_DIFFUSION, (6, 6)), (Energy, PLANE, (2,))],
    ids=["field", "plane"],
)
def test_two_processes_train_like_one(tmp_path, family, settings, shape):
    data = fields(*shape)
    one, curve = trained(family, settings, data, tmp_path / "one", ["cpu"])
    two, shared = trained(family, settings, data, tmp_path / "two", ["cpu", "cpu"])
    torch.testing.assert_close(losses(shared), losses(curve), rtol=2e-5, atol=1e-6, equal_nan=True)
    for name in one:
        torch.testing.assert_close(two[name], one[name], rtol=1e-3, atol=1e-4)


@pytest.mark.slow
def test_a_training_goes_on_with_more_processes_than_it_began_with(tmp_path):
    data = fields(6, 6)
    _, curve = trained(Model, SMALL_DIFFUSION, data, tmp_path / "whole", ["cpu"])
    trained(Model, SMALL_DIFFUSION, data, tmp_path / "part", ["cpu"], stop_after=6)
    _, resumed = trained(Model, SMALL_DIFFUSION, data, tmp_path / "part", ["cpu", "cpu"])
    torch.testing.assert_close(losses(resumed), losses(curve), rtol=2e-5, atol=1e-6)


def test_parts_of_a_batch_are_shared_evenly():
    devices = [f"cuda:{number}" for number in range(4)]
    assert sharing(4, devices) == devices
    assert sharing(6, devices) == devices[:3]
    assert sharing(1, devices) == devices[:1]
    assert sharing(8, ["cpu"]) == ["cpu"]
    with pytest.raises(ValueError, match="needs a device"):
        sharing(1, [])


def test_what_every_process_is_given_can_be_pickled(tmp_path):
    pickle.loads(pickle.dumps(Model.build(SMALL_DIFFUSION, fields(6, 6))))
    assert together(lambda fabric, x: (fabric.world_size, x), ["cpu"], "32-true", 3) == (1, 3)


def give_up(fabric):
    if fabric.global_rank:
        raise ValueError("the second gave up")
    fabric.barrier()


@pytest.mark.slow
def test_the_failure_of_another_process_is_told():
    with pytest.raises(Exception, match="the second gave up"):
        together(give_up, ["cpu", "cpu"], "32-true")


ENDLESS = """
from dataclasses import replace
from pathlib import Path
import sys
sys.path.insert(0, {root!r})
from tests.training.test_parallel import SMALL_DIFFUSION, SHORT, Model, fields, train
data = fields(6, 6)
options = dict(seed=1, stamp="x", checkpoint=Path({checkpoint!r}), devices=["cpu", "cpu"])
model = Model.build(SMALL_DIFFUSION, data)
train(model, model.examples(data, 1), replace(SHORT, steps=10**6), **options)
"""


@pytest.mark.slow
def test_a_killed_training_leaves_no_process(tmp_path):
    checkpoint = tmp_path / "checkpoint"
    program = ENDLESS.format(root=str(Path(__file__).parents[2]), checkpoint=str(checkpoint))
    first = psutil.Popen([sys.executable, "-c", program], stderr=subprocess.DEVNULL)
    try:
        while not checkpoint.exists():
            assert first.poll() is None
            time.sleep(0.2)
        others = first.children(recursive=True)
    finally:
        first.kill()
        first.wait()
    assert others
    gone, alive = psutil.wait_procs(others, timeout=30)
    assert not alive, gone
