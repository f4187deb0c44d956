"""Time of one evaluation of our network for a batch of fields, against the network of the 2024 model."""

import torch
from race import race, say, task

from emulant import __version__
from emulant.networks.lattice import OddLatticeNetwork
from emulant.networks.score_net import ScoreNet

work = task()
torch.set_num_threads(1)
torch.manual_seed(work["seed"])
shape = (work["batch"], 2, work["size"], work["size"])
fields, level = torch.randn(shape), torch.rand(work["batch"])
ours, theirs = OddLatticeNetwork(2).eval(), ScoreNet().eval()
with torch.no_grad():
    result = race(lambda: ours(fields, level), lambda: theirs(fields[:, :1], level), work["rounds"])
scale = 1e3 / work["batch"]
say(
    **{
        "value": scale * result["seconds"],
        "yardstick": scale * result["yardstick"],
        "ratio": result["ratio"],
    },
    version=f"emulant {__version__}, against the network of the 2024 model, rewritten",
)
