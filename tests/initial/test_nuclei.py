import pytest

from emulant.errors import InputError
from emulant.initial.nuclei import NUCLEI, Nucleus, nucleus_of


def test_a_nucleus_has_a_name_or_parameters():
    block = {"mass_number": 238, "radius": 6.81, "diffuseness": 0.6, "beta2": 0.28, "beta4": 0.093}
    assert nucleus_of("U", "target") == NUCLEI["U"] == nucleus_of(block, "target")
    assert NUCLEI["U"].to_dict() == block


def test_a_deformed_nucleus_reaches_farther():
    """R (1 + beta2 sqrt(5 / pi) / 2) at the poles, where cos theta = 1."""
    long, flat = (Nucleus(100, 5.0, 0.5, beta2=beta) for beta in (0.3, -0.3))
    assert long.longest == pytest.approx(5 * (1 + 0.3 * 0.6307831305))
    assert flat.longest == pytest.approx(5 * (1 + 0.3 * 0.3153915653))
    assert long.reach == pytest.approx(long.longest + 1.5)


@pytest.mark.parametrize(
    ("block", "key"),
    [
        ("Pbb", "target"),
        ({"mass_number": 208, "radius": 6.62}, "target"),
        ({"mass_number": 208, "radius": 6.62, "diffuseness": 0.5, "beta": 0.1}, "target.beta"),
        ({"mass_number": 208, "radius": -1.0, "diffuseness": 0.5}, "target.radius"),
        ({"mass_number": 208, "radius": 6.62, "diffuseness": 0.5, "beta2": 1.5}, "target.beta2"),
    ],
)
def test_what_is_no_nucleus_is_one_line(block, key):
    with pytest.raises(InputError) as caught:
        nucleus_of(block, "target")
    assert caught.value.key == key and "\n" not in str(caught.value)


def test_nucleons_that_find_no_room_are_refused():
    NUCLEI["Pb"].check_distance(1.73)
    with pytest.raises(InputError, match="distance"):
        NUCLEI["Pb"].check_distance(2.0)
