"""The last map as a whole: on a bent, miscoloured Gaussian; inverse and Jacobian; files."""

import pytest
import torch

from emulant.statistics.control_variates import less_explained
from emulant.transport.last_map.last_map import LastMap
from emulant.transport.last_map.latent_controls import latent_controls, polynomials_of, products
from emulant.transport.last_map.orbits import Orbits
from emulant.transport.measures import ModeMeasure, mean_power

SHAPE, COUNT = (4, 4), 8000
NUMBERS = torch.tensor([0.0, 1.0, 4.0, 1.0], dtype=torch.float64)
POWER = 6 / (1 + NUMBERS[:, None] + NUMBERS[None, :3])
"""Of the training fields' modes: a map of each site moves power from orbit to orbit."""


def coloured(latents, power):
    modes = torch.fft.rfftn(latents.double(), dim=(1, 2), norm="ortho")
    return torch.fft.irfftn(modes * power.sqrt(), s=SHAPE, dim=(1, 2), norm="ortho")


def generated(latents):
    """A flow that is a little off: powers by up to 4 %, the zero mode's by 8 %, and a bend in every site."""
    gains = 1 + 0.02 * torch.cos(Orbits.of(SHAPE).label.double())
    gains[0, 0] = 0.96
    x = coloured(latents, POWER * gains**2)
    return (x + 0.002 * x**3).float()


@pytest.fixture(scope="module")
def measured():
    generator = torch.Generator().manual_seed(1)
    trained = coloured(torch.randn(20 * COUNT, *SHAPE, generator=generator), POWER).float()
    base = ModeMeasure.fit(trained, zero_mode_components=0)
    latents = torch.randn(COUNT, *SHAPE, generator=generator)
    return base, trained, latents, LastMap.measure(base, trained, generated(latents), latents)


def test_powers_come_closer_than_as_many_fields_would_bring_them(measured):
    """A third of the error of 8000 fields, sqrt(2/(8000 waves)) of an orbit, and five of the fields that tell."""
    base, *_, last = measured
    latents, orbits = (
        torch.randn(400_000, *SHAPE, generator=torch.Generator().manual_seed(2)),
        Orbits.of(SHAPE),
    )
    waves = orbits.sizes[orbits.label]
    allowed = (2 / (COUNT * waves)).sqrt() / 3 + 5 * (2 / (400_000 * waves)).sqrt()
    before, after = (
        (mean_power(fields) / base.power - 1).abs()
        for fields in (generated(latents), last(generated(latents)))
    )
    assert bool((after < allowed).all())
    assert float((before / allowed).max()) > 3 and float(before[0, 0] / allowed[0, 0]) > 2


def test_no_map_undoes_the_powers_of_another(measured):
    """On the very fields of which they were measured, by the same regression, they are those of the training to 1e-6."""
    base, _, latents, last = measured
    orbits, controls = Orbits.of(SHAPE), latent_controls(base, latents)
    modes = torch.fft.rfftn(latents.double(), dim=(1, 2), norm="ortho")
    before, polynomials = orbits.powers(modes) - 1, polynomials_of(modes[:, 0, 0].real)
    after = orbits.powers(base.transform(last(generated(latents).double())))
    for orbit in range(1, len(orbits.sizes)):
        columns = torch.cat([controls, products(before[:, orbit : orbit + 1], polynomials)], 1)
        power = less_explained(after[:, orbit : orbit + 1].numpy(), columns.numpy()).mean()
        wanted = float(base.power[orbits.label == orbit][0])
        assert power == pytest.approx(wanted, rel=1e-6)


def test_the_fourth_cumulant_is_that_of_the_training_fields(measured):
    """0 for a Gaussian; a bend of 0.002 makes it 24 c <x^2>^4, some 0.05 <x^2>^2, with an error of 0.002."""
    *_, last = measured
    latents = torch.randn(400_000, *SHAPE, generator=torch.Generator().manual_seed(3))
    ratios = []
    for fields in (generated(latents), last(generated(latents))):
        square, fourth = (float(fields.double().pow(n).mean()) for n in (2, 4))
        ratios.append(fourth / square**2 - 3)
    assert ratios[0] > 0.05
    assert abs(ratios[1]) < 0.01


def test_the_inverse_and_its_jacobian_are_those_of_the_map(measured):
    _, trained, _, last = measured
    fields = trained[:3].double()
    back, jacobian = last.inverse(last(fields))
    torch.testing.assert_close(back, fields, atol=1e-9, rtol=1e-9)
    step = 1e-4
    for field, expected in zip(fields, jacobian, strict=True):
        moved = torch.eye(16, dtype=torch.float64).reshape(16, *SHAPE) * step
        columns = (last(field + moved) - last(field - moved)).flatten(1) / (2 * step)
        assert float(torch.linalg.slogdet(columns).logabsdet - expected) == pytest.approx(0.0, abs=1e-5)


def test_tensors_are_the_whole_map(measured):
    base, trained, _, last = measured
    again = LastMap.from_tensors(last.tensors(), base)
    torch.testing.assert_close(again(trained[:5]), last(trained[:5]), atol=0, rtol=0)
