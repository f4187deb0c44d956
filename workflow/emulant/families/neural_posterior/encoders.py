"""Encoders of an observation: a vector, or a bag of events whose order means nothing and whose number may vary."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from emulant.errors import InputError
from emulant.families.neural_posterior.sums import Sums, beside_others

__all__ = [
    "Bag",
    "DeepSets",
    "Dense",
    "Images",
    "Kinds",
    "SetTransformer",
    "encoder_of",
    "numbers_of",
    "perceptron",
    "pixels_of",
]

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

    def measure(self, inputs: Tensor) -> None:
        """Nothing: a vector comes in units of its numbers."""

    def forward(self, inputs: Tensor, generator: torch.Generator | None = None) -> Tensor:
        """Encode (N, ...) as (N, features)."""
        return self.body(inputs.flatten(1))


class Bag(nn.Module):
    """A bag (N, events, columns + 1), whose last column is 1 where there is an event.

    In training each bag loses a random part of its events, so that one network serves every number of them: events are
    independent at fixed parameters, and a part of a bag is a bag.

    Arguments:
        rows: encodes events (N, events, columns), told which are there (N, events), as (N, events, width).
        after: network of what is pooled, 2 width numbers, and of ln(1 + number of events).
        sums: of what adds up over events, or nothing.
    """

    kinds = 1

    def __init__(self, rows: nn.Module, after: nn.Module, sums: nn.Module | None = None) -> None:
        super().__init__()
        self.rows, self.after, self.sums = rows, after, sums

    def measure(self, inputs: Tensor) -> None:
        """Take the units of sums from whole bags (N, events, columns + 1)."""
        if self.sums is not None:
            self.sums.measure(self.each(inputs[..., :-1]), inputs[..., -1])

    def each(self, events: Tensor) -> list[Tensor]:
        """Events (N, events, columns) of each kind."""
        return [*events.unflatten(-1, (self.kinds, -1)).unbind(-2)]

    def forward(self, inputs: Tensor, generator: torch.Generator | None = None) -> Tensor:
        """Encode bags as (N, numbers): zero of an empty one; with a generator after taking a random part of each."""
        present = inputs[..., -1]
        if generator is not None:
            present = present * self.part(present, generator)
        number = present.sum(1, keepdim=True)
        encoded = self.encoded(inputs[..., :-1], present, number)
        if self.sums is not None:
            encoded = torch.cat([encoded, self.sums(self.each(inputs[..., :-1]), present)], 1)
        return encoded * (number > 0)

    def encoded(self, events: Tensor, present: Tensor, number: Tensor) -> Tensor:
        """Encode events (N, events, columns), of which those present (N, events) count, their number (N, 1)."""
        pooled = self.pooled(self.rows(events, present), present, number)
        return self.after(torch.cat([pooled, torch.log1p(number)], 1))

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


class Kinds(Bag):
    """A bag in whose rows events of several kinds, such as of two nuclei, stand side by side.

    Those of a row have nothing to do with each other, so that each kind is pooled for itself; and what one kind tells of its
    parameters the others tell of theirs, by one network. It is shown what is pooled of a kind, by how much that differs from
    the mean of the others, and which kind it is.

    Arguments:
        rows: as of a bag, of events of one kind.
        after: network of `beside_others` of what is pooled, and of ln(1 + number of events).
        sums: as of a bag.
        kinds: how many.
    """

    def __init__(self, rows: nn.Module, after: nn.Module, sums: nn.Module | None, kinds: int) -> None:
        super().__init__(rows, after, sums)
        self.kinds = kinds

    def encoded(self, events: Tensor, present: Tensor, number: Tensor) -> Tensor:
        """Encode events (N, events, kinds * columns) as (N, kinds * features)."""
        pooled = [self.pooled(self.rows(kind, present), present, number) for kind in self.each(events)]
        count = torch.log1p(number)[:, None].expand(-1, self.kinds, 1)
        return self.after(torch.cat([count, beside_others(torch.stack(pooled, 1))], -1)).flatten(1)


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


SUMMED = ("deep_sets", "set_transformer")
"""Encoders of so few columns that all products of two may be summed."""
ROWS = {"deep_sets": DeepSets, "images": Images, "set_transformer": SetTransformer}


def encoder_of(settings: Mapping[str, Any], shape: Sequence[int]) -> nn.Module:
    """Build the encoder of a model block for observations of this shape.

    Raises:
        InputError: for kinds of events that no row of a bag can have.
    """
    kinds = settings.get("kinds", 1)
    if kinds > 1 and (settings["kind"] == "dense" or (shape[1] - 1) % kinds):
        expected = f"a bag whose columns are as many equal parts, of observations {tuple(shape)}"
        raise InputError("models", "encoder.kinds", expected, kinds)
    if "sums" in settings and settings["kind"] not in SUMMED:
        raise InputError(
            "models", "encoder.kind", f"{' or '.join(SUMMED)}, of which there are sums", settings["kind"]
        )
    width, layers, features = (settings[name] for name in ("width", "layers", "features"))
    if settings["kind"] == "dense":
        return Dense(shape, width, layers, features)
    columns = (shape[1] - 1) // kinds
    rows = ROWS[settings["kind"]](columns, width, layers)
    told = 2 * width + 1 if kinds == 1 else 4 * width + 1 + kinds
    after = perceptron([told, *[width] * layers, features])
    sums = Sums(columns, kinds, settings["sums"]) if "sums" in settings else None
    return Bag(rows, after, sums) if kinds == 1 else Kinds(rows, after, sums, kinds)


def numbers_of(settings: Mapping[str, Any]) -> int:
    """Numbers that the encoder of a model block gives."""
    return (settings["features"] + settings.get("sums", 0)) * settings.get("kinds", 1)
