"""Flows of a lattice field beside a generic one: the same action, the same divergence, the same CPU seconds of training.

    OMP_NUM_THREADS=1 TQDM_DISABLE=1 python benchmarks/peers_flow.py --seconds 60

The target is E2 of arXiv:1904.12072, lambda = 6.008 on 8 x 8. The generic flow is zuko's neural spline flow of 64 numbers,
coupled in two passes, which knows of no lattice; it is trained by the reparametrised gradient in the same loop as
`coupling_flow` and `realnvp_baseline`. `ridge_flow` takes the rounds of its file instead, however long they are. Printed
are the CPU seconds and steps of the training, the effective part of fresh samples and -ln Z, each with its error.
"""

import argparse
import copy
import tempfile
import time
from pathlib import Path

import torch
import zuko

from emulant.contracts.family import Examples, HasRounds, Samples
from emulant.families import build_model
from emulant.families._family import ModelFamily
from emulant.statistics.weights import effective_fraction, largest_share, minus_log_mean
from emulant.storage.yaml_files import read_yaml
from emulant.systems.phi4.system import Phi4
from emulant.training.loop import TrainingSettings, train
from emulant.training.rounds import fit_in_rounds

MODELS = Path(__file__).parent.parent / "config/models"
TARGET = (0.288482876742, 0.5, (8, 8))
GENERIC = "zuko"
NAMES = ("ridge_flow", "coupling_flow", "realnvp_baseline", GENERIC)
BATCH = 128
RATE = 1e-3
"""Of the generic flow: Adam's usual one."""
TRIAL = 40
"""Steps whose time says how many fit into the seconds: a second or two."""


class Generic(ModelFamily):
    """A neural spline flow on the sites of a field in a row."""

    def __init__(self, system):
        super().__init__()
        training = {"batch": BATCH, "learning_rate": RATE, "ema": 0.98, "gradient_clip": 1.0}
        self.settings, self.system, self.site_shape = {"training": training}, system, system.site_shape
        self.network = zuko.flows.NSF(system.volume, transforms=4, passes=2, hidden_features=(128, 128))
        for module in self.network.modules():
            for name, buffer in module.named_buffers(recurse=False):
                # Orders and masks are no weights, of which the loop takes averages.
                module.register_buffer(name, buffer, persistent=False)

    def examples(self, data, seed):
        """No data."""
        return Examples(None, held_out=False)

    def loss(self, batch, generator):
        """The mean of log q + S over fresh samples."""
        fields, log_q = self.drawn(len(batch), generator)
        return (log_q + self.system.action(fields)).mean()

    def drawn(self, count, generator):
        """Samples and their log q, (count,) float64."""
        flow = self.network()
        z = torch.randn(count, self.system.volume, generator=generator)
        fields, log_det = flow.transform.inv.call_and_ladj(z)
        return fields.reshape(count, *self.site_shape), flow.base.log_prob(z).double() - log_det

    @torch.no_grad()
    def sample(self, count, generator):
        """Samples with their log q."""
        fields, log_q = self.drawn(count, generator)
        return Samples(fields, log_q=log_q)


def main():
    """Train and weigh every flow."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seconds", type=float, default=60, help="CPU seconds of each training")
    parser.add_argument("--samples", type=int, default=10240)
    parser.add_argument("--models", nargs="+", choices=NAMES, default=NAMES)
    parser.add_argument("--seed", type=int, default=11)
    options = parser.parse_args()
    print("| flow | numbers | CPU s | steps | effective part | largest weight | −ln Z |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for name in options.models:
        print(row(name, options), flush=True)


def row(name, options):
    """One row of the table."""
    system = Phi4(*TARGET)
    torch.manual_seed(options.seed)
    model = Generic(system) if name == GENERIC else build_model(settings_of(name), None, system)
    spent, steps = trained(model, options)
    generator = torch.Generator().manual_seed(options.seed + 1)
    parts = [model.sample(1024, generator) for _ in range(-(-options.samples // 1024))]
    log_weight = torch.cat([-system.action(part.values) - part.log_q for part in parts]).numpy()
    numbers = sum(weight.numel() for weight in model.network.parameters())
    values = (effective_fraction(log_weight), minus_log_mean(log_weight))
    ess, log_z = (f"{value:.4f} ± {error:.4f}" for value, error in values)
    return (
        f"| {name} | {numbers} | {spent:.0f} | {steps} | {ess} | {largest_share(log_weight):.4f} | {log_z} |"
    )


def settings_of(name):
    """The block of config/models."""
    return {"name": name, "generation": {}, **read_yaml(MODELS / f"{name}.yaml")}


def trained(model, options):
    """Train a model for the seconds, or in its rounds; returns the CPU seconds and the steps."""
    examples = model.examples(None, options.seed)
    with tempfile.TemporaryDirectory() as folder:
        work = {"seed": options.seed, "checkpoint": Path(folder) / "training.ckpt", "stamp": ""}
        if isinstance(model, HasRounds):
            begun, steps = time.process_time(), model.rounds
            averaged, _ = fit_in_rounds(model, **work)
        else:
            steps = int(options.seconds / seconds_of_a_step(model, folder))
            block = {**model.settings["training"], "steps": steps, "report_every": steps}
            begun = time.process_time()
            averaged, _ = train(model, examples, TrainingSettings(**block), **work)
    spent = time.process_time() - begun
    model.finished(averaged, examples, torch.Generator().manual_seed(options.seed))
    return spent, steps


def seconds_of_a_step(model, folder):
    """CPU seconds of a step of the loop, in a trial on a copy of the model."""
    settings = TrainingSettings(**model.settings["training"] | {"steps": TRIAL})
    trial, work = copy.deepcopy(model), {"seed": 1, "checkpoint": Path(folder) / "trial.ckpt", "stamp": ""}
    begun = time.process_time()
    train(trial, trial.examples(None, 1), settings, **work)
    return (time.process_time() - begun) / TRIAL


if __name__ == "__main__":
    main()
