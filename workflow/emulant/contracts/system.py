"""The contract of a system: the physics that a reference is drawn from and that models are judged by.

`systems/<kind>/` holds

- `schema.yaml`: title, form of samples, shelves of observables, keys of the `system` block, of its samplers and studies,
  sizes for each scale (`contracts.declaration`);
- `system.py` with `from_settings(block) -> System`;
- `reference.py` with `samplers`, name -> `contracts.sampler.Sampler`;
- where there are any: `observables/` (its own, beside the shelves), `figures.py` with `figures`, `studies.py` with
  `studies`, `checks.py` with `check(block)` for what a schema cannot say, `published.csv`.

What only some systems offer is a protocol of its own below; shared code asks with isinstance.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol, Self, runtime_checkable

import numpy as np
import pandas as pd

__all__ = [
    "HasAction",
    "HasAdmission",
    "HasAnnealing",
    "HasAverages",
    "HasBonds",
    "HasConditions",
    "HasDtype",
    "HasGaussianStart",
    "HasGlobalIdentities",
    "HasGradient",
    "HasIdentities",
    "HasInvariants",
    "HasLabels",
    "HasLogPartition",
    "HasPairs",
    "HasPlaquettes",
    "HasPrior",
    "HasRotors",
    "HasSignSymmetry",
    "HasSimulatedValues",
    "HasSweeps",
    "HasSymmetries",
    "HasTwoPhases",
    "Symmetry",
    "System",
]

Symmetry = Callable[[Any, Any], Any]
"""A map (batch, generator) -> batch that leaves the law of the configurations alone."""


class System(Protocol):
    """A system as shared code sees it.

    Attributes:
        kind: the name of its folder.
        site_shape: shape of one configuration; () where samples are no arrays.
        parameters: the numbers that define it, by their names in the configuration.
    """

    kind: str
    site_shape: tuple[int, ...]
    parameters: dict[str, Any]

    def view(self, samples: Any) -> Any:
        """Show a chunk of samples as its observables expect it."""

    def exact_values(self) -> list[dict[str, Any]]:
        """Rows of observable, index, value, error that are known exactly."""


@runtime_checkable
class HasAction(Protocol):
    """A system whose law is exp(-S)."""

    def action(self, fields: Any) -> Any:
        """S of each configuration, (N,); arrays and tensors alike."""


@runtime_checkable
class HasGradient(Protocol):
    """A system whose action has a gradient: fields, not spins."""

    def gradient(self, fields: Any) -> Any:
        """dS/dphi, the shape of `fields`; arrays and tensors alike."""


@runtime_checkable
class HasGaussianStart(Protocol):
    """A system of fields on a torus with an action, beside which lies a Gaussian that can be drawn at once."""

    def inverse_power(self) -> np.ndarray:
        r"""A(p) of the Gaussian exp(-sum_p A(p) |phi_p|^2 / 2V), 'a la `numpy.fft.fftn`, the shape of a field, float64."""


@runtime_checkable
class HasTwoPhases(Protocol):
    """A system of fields with a Gaussian start that has, where its symmetry is broken, one about each of two means."""

    def two_phases(self) -> tuple[float, np.ndarray]:
        """The mean v > 0 and A(p) of the Gaussian about it, as of `HasGaussianStart`.

        Raises:
            InputError: where there is one phase.
        """


@runtime_checkable
class HasAnnealing(Protocol):
    """A system with Markov moves on the way from its Gaussian start S_0 to its action, S_t = (1 - t) S_0 + t S.

    Attributes:
        operations_per_move: floating-point operations of one move of one configuration, roughly.
    """

    operations_per_move: float

    def moved(self, fields: np.ndarray, t: float, seed: int) -> np.ndarray:
        """Move each configuration (N, *site_shape) once, by a kernel in detailed balance with exp(-S_t)."""


@runtime_checkable
class HasConditions(Protocol):
    """A system that can be had at other values of its parameters, those that it declares as conditions and its shape."""

    def at(self, condition: Mapping[str, Any]) -> Self:
        """The same system with these values of its parameters."""


@runtime_checkable
class HasSweeps(Protocol):
    """A system with a classical sampler of local moves, which repairs what is nearly right and is a yardstick for it."""

    def swept(self, fields: np.ndarray, sweeps: int, seed: int) -> np.ndarray:
        """Move all of each configuration (N, *site_shape) so many times by kernels that keep exp(-S)."""


@runtime_checkable
class HasPlaquettes(Protocol):
    """A system of angles on the links of a two-dimensional torus, (N, 2, L_t, L_s), with an action.

    Attributes:
        plaquette_coupling: b of the product of e^(b cos theta_p) over all plaquettes that is near its law, or is it.
    """

    plaquette_coupling: float


@runtime_checkable
class HasBonds(Protocol):
    """A system of spins +-1 on a two-dimensional torus, (N, L_y, L_x) int8, with S = -K sum over bonds of s s'.

    Attributes:
        beta: inverse temperature, a part of K.
        bond: K.
        lattice: `square`, or `triangular` with bonds along (1, 1) too.
    """

    site_shape: tuple[int, ...]
    beta: float
    bond: float
    lattice: str


@runtime_checkable
class HasRotors(Protocol):
    """A system of angles on the sites of a square torus, (N, L_y, L_x), with S = -beta sum of cosines of differences.

    Attributes:
        beta: inverse temperature.
    """

    site_shape: tuple[int, ...]
    beta: float


@runtime_checkable
class HasLogPartition(Protocol):
    """A system whose Z is known."""

    def log_partition(self) -> float:
        """Ln Z, with respect to the measure that log q of its models is a density of."""


@runtime_checkable
class HasSymmetries(Protocol):
    """A system with maps that leave its law alone; training may apply them, there are none unless declared.

    Attributes:
        symmetries: maps (batch, generator) -> batch.
    """

    symmetries: Sequence[Symmetry]


@runtime_checkable
class HasInvariants(Protocol):
    """A system whose configurations mean nothing but up to a local symmetry, such as gauge transformations."""

    def invariants(self, samples: np.ndarray) -> np.ndarray:
        """Numbers that the symmetry leaves alone, (n, *shape): what tests that know no physics are shown."""


@runtime_checkable
class HasSignSymmetry(Protocol):
    """A system whose law does not change when its configurations change sign."""

    def odd(self, samples: Any) -> np.ndarray:
        """A number of each configuration that changes sign with it, (N,): as often positive as negative."""


@runtime_checkable
class HasIdentities(Protocol):
    """A system with identities that every ensemble of it obeys, and an ensemble of another one does not."""

    def violations(self, samples: Any) -> dict[str, np.ndarray]:
        """Left minus right side of each identity, such as `<phi dS/dphi> = 1`, of each sample, (n,): 0 on average."""


@runtime_checkable
class HasGlobalIdentities(Protocol):
    """A system with identities of numbers of whole configurations, such as a charge, that no sum makes Gaussian."""

    def global_violations(self, samples: Any) -> dict[str, np.ndarray]:
        """Left minus right side of each identity, such as `<Q^2> = 1`, of each sample, (n,): 0 on average."""


@runtime_checkable
class HasAverages(Protocol):
    """A system whose sampler keeps averages over more configurations than it writes."""

    def averages(self, rows: np.ndarray) -> Any:
        """Show averages (groups, columns) as observables expect a view."""


@runtime_checkable
class HasDtype(Protocol):
    """A system whose configurations are not float32: spins, complex fields.

    Attributes:
        dtype: NumPy's name, such as int8 or complex64.
    """

    dtype: str


@runtime_checkable
class HasAdmission(Protocol):
    """A system whose numbers have a range, such as angles, which a user's file may leave, or another unit."""

    def admit(self, configurations: np.ndarray) -> tuple[np.ndarray, str]:
        """Bring configurations (n, *site_shape) into range; returns them with a remark, empty where nothing was changed.

        Raises:
            InputError: where they are in another unit, which `expected` and `got` say.
        """


@runtime_checkable
class HasPairs(Protocol):
    """A system whose samples are pairs of an input and an output.

    Attributes:
        input_shape, output_shape: of one of each.
    """

    input_shape: tuple[int, ...]
    output_shape: tuple[int, ...]


@runtime_checkable
class HasPrior(Protocol):
    """A system of pairs whose outputs are parameters with a prior.

    Attributes:
        prior: `names` of the d parameters, `sample(count, generator)`, `log_density(parameters)`, and the maps `normal` to
            standard normal variables and `quantile` back.
    """

    prior: Any


@runtime_checkable
class HasLabels(Protocol):
    """A system of pairs that says what each number of an observation is.

    Attributes:
        labels: one for each number of an input.
    """

    labels: Sequence[str]


@runtime_checkable
class HasSimulatedValues(Protocol):
    """A system some of whose values come, with errors, from a study that is marked `exact`."""

    def simulated_values(self, table: pd.DataFrame) -> list[dict[str, Any]]:
        """Rows of observable, index, value, error from the study's table."""
