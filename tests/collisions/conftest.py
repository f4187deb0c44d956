import numpy as np
import pytest

from emulant.collisions.events import Events, concatenated, on_shell
from emulant.collisions.species import MASSES, PDG
from emulant.collisions.surrogate import Surrogate
from emulant.storage.provenance import provenance
from emulant.systems.collision.system import from_settings


def random_events(events, seed=1, mean=40, first=0):
    """Independent particles of all species, the third event empty."""
    generator = np.random.default_rng(seed)
    counts = generator.poisson(mean, events)
    counts[2:3] = 0
    kind = generator.integers(26, size=counts.sum())
    momenta = on_shell(generator.normal(scale=(0.4, 0.4, 1.0), size=(len(kind), 3)), MASSES[kind])
    facts = {
        "impact_parameter": generator.uniform(0, 3, events),
        "spectators": generator.poisson(9, events) * 1.0,
    }
    return Events(first + np.arange(events), counts, PDG[kind], momenta, facts)


SULPHUR = (32, 16)


def stand_in(impact=(2.0, 2.0), count=128, seed=1, projectile=SULPHUR, target=SULPHUR):
    """Events of the surrogate, by default of sulphur on sulphur: about 150 particles."""
    return concatenated(
        list(Surrogate(projectile=projectile, target=target, impact=impact).events(count, seed))
    )


def collision(projectile=SULPHUR, target=SULPHUR):
    """The system of these events."""
    settings = {"projectile": list(projectile), "target": list(target), "energy": 10.0, "impact": [2.0, 2.0]}
    return from_settings(settings)


@pytest.fixture
def attributes():
    return provenance(system="collision", parameters={"energy": 10.0}, sampler="none", seed=1)


@pytest.fixture
def events():
    return random_events(700)
