"""Encoders of an observation: a vector, or a bag of events whose order means nothing and whose number may vary."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn

__all__ = ["Bag", "DeepSets", "Dense", "Images", "SetTransformer", "encoder_of", "perceptron", "pixels_of"]

INDUCING, HEADS = 16, 4
"""Inducing points of set attention (J. Lee et al., arXiv:1810.00825), and its heads."""


def perceptron(sizes: Sequence[int]) -> nn.Sequential:
    """Linear layers with smooth rectifiers between them."""
    layers: list[nn.Module] = []
    for first, second in zip(sizes[:-1], sizes[1:], strict=True):
        layers += [nn.Linear(first, second), nn.SiLU()]
    return nn.Sequential(*layers[:-1])


class Dense(nn.Module):
    """An observation (N, ...) as one vector."""

    def __init__(self, shape: Sequence[int], width: int, layers: int, features: int) -> None:
        super().__init__()
        self.body = perceptron([int(torch.tensor(shape).prod()), *[width] * layers, features])

    def forward(self, inputs: Tensor, generator: torch.Generator | None = None) -> Tensor:
        """Encode (N, ...) as (N, features)."""
        return self.body(inputs.flatten(1))


class Bag(nn.Module):
    """A bag (N, events, columns + 1), whose last column is 1 where there is an event.

    In training each bag loses a random part of its events, so that one network serves every number of them: events are
    independent at fixed parameters, and a part of a bag is a bag.

    Arguments:
        rows: encodes events (N, events, columns), told which are there (N, events), as (N, events, width).
        width, layers, features: of the network of what is pooled.
    """

    def __init__(self, rows: nn.Module, width: int, layers: int, features: int) -> None:
        super().__init__()
        self.rows = rows
        self.after = perceptron([2 * width + 1, *[width] * layers, features])

    def forward(self, inputs: Tensor, generator: torch.Generator | None = None) -> Tensor:
        """Encode bags as (N, features): zero of an empty one; with a generator after taking a random part of each."""
        present = inputs[..., -1]
        if generator is not None:
            present = present * self.part(present, generator)
        number = present.sum(1, keepdim=True)
        pooled = self.pooled(self.rows(inputs[..., :-1], present), present, number)
        encoded = self.after(torch.cat([pooled, torch.log1p(number)], 1))
        return encoded * (number > 0)

    def part(self, present: Tensor, generator: torch.Generator) -> Tensor:
        """Choose which events stay, (N, events): their number uniform in its logarithm, one bag in sixteen empty."""
        uniform, empty = torch.rand(2, len(present), 1, generator=generator, device=present.device)
        number = torch.exp(uniform * torch.log(present.sum(1, keepdim=True) + 1)).floor() * (empty > 1 / 16)
        score = torch.rand(present.shape, generator=generator, device=present.device) + (1 - present)
        return (score.argsort(1).argsort(1) < number).to(present)

    def pooled(self, encoded: Tensor, present: Tensor, number: Tensor) -> Tensor:
        """Mean over events, and logarithm of the variance, (N, 2 width)."""
        weight = (present / number.clamp(min=1))[..., None]
        mean = (weight * encoded).sum(1)
        variance = (weight * (encoded - mean[:, None]).square()).sum(1)
        # The variance of a single event is zero.
        return torch.cat([mean, torch.log(variance + 1e-2)], 1)


class DeepSets(nn.Module):
    """Each event by a network of its own (M. Zaheer et al., arXiv:1703.06114)."""

    def __init__(self, columns: int, width: int, layers: int) -> None:
        super().__init__()
        self.body = perceptron([columns, *[width] * (layers + 1)])

    def forward(self, events: Tensor, present: Tensor) -> Tensor:
        """Encode each event, (N, events, width)."""
        return self.body(events)


class Images(nn.Module):
    """Each event by convolutions of its image, which its other numbers follow."""

    def __init__(self, columns: int, width: int, layers: int) -> None:
        super().__init__()
        self.side = pixels_of(columns)
        channels, coarse = max(width // 4, 1), -(-self.side // 4)
        self.convolutions = nn.Sequential(
            *(nn.Conv2d(1, channels, 3, stride=2, padding=1), nn.SiLU()),
            *(nn.Conv2d(channels, 2 * channels, 3, stride=2, padding=1), nn.SiLU(), nn.Flatten()),
        )
        numbers = 2 * channels * coarse**2 + columns - self.side**2
        self.body = perceptron([numbers, *[width] * (layers + 1)])

    def forward(self, events: Tensor, present: Tensor) -> Tensor:
        """Encode each event, (N, events, width)."""
        rows = events.flatten(0, 1)
        images = rows[:, : self.side**2].reshape(-1, 1, self.side, self.side)
        numbers = torch.cat([self.convolutions(images), rows[:, self.side**2 :]], 1)
        return self.body(numbers).reshape(*events.shape[:2], -1)


def pixels_of(columns: int) -> int:
    """Pixels along each axis of the largest square image that so many numbers have."""
    return math.isqrt(columns)


class InducedAttention(nn.Module):
    """Attention of events to a few learned points that attended to all events: cost linear in their number."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.points = nn.Parameter(torch.randn(INDUCING, width) / width**0.5)
        self.gather = nn.MultiheadAttention(width, HEADS, batch_first=True)
        self.spread = nn.MultiheadAttention(width, HEADS, batch_first=True)
        self.body = perceptron([width, width, width])

    def forward(self, rows: Tensor, absent: Tensor) -> Tensor:
        """Let rows (N, events, width) see each other, but for those that are absent (N, events)."""
        points = self.points.expand(len(rows), -1, -1)
        summary = points + self.gather(points, rows, rows, key_padding_mask=absent, need_weights=False)[0]
        rows = rows + self.spread(rows, summary, summary, need_weights=False)[0]
        return rows + self.body(rows)


class SetTransformer(nn.Module):
    """Events that see each other by induced set attention."""

    def __init__(self, columns: int, width: int, layers: int) -> None:
        super().__init__()
        self.before = perceptron([columns, width])
        self.blocks = nn.ModuleList(InducedAttention(width) for _ in range(layers))

    def forward(self, events: Tensor, present: Tensor) -> Tensor:
        """Encode each event in sight of the others, (N, events, width)."""
        # Attention to nothing is undefined: an empty bag sees all its rows, and pooling leaves them out.
        absent = (present == 0) & (present.sum(1, keepdim=True) > 0)
        rows = self.before(events)
        for block in self.blocks:
            rows = block(rows, absent)
        return rows


ROWS = {"deep_sets": DeepSets, "images": Images, "set_transformer": SetTransformer}


def encoder_of(settings: Mapping[str, Any], shape: Sequence[int]) -> nn.Module:
    """Build the encoder of a model block for observations of this shape."""
    sizes = {name: settings[name] for name in ("width", "layers", "features")}
    if settings["kind"] == "dense":
        return Dense(shape, **sizes)
    rows = ROWS[settings["kind"]](shape[1] - 1, settings["width"], settings["layers"])
    return Bag(rows, **sizes)
