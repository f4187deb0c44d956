"""Pages of a scale: a run of some experiments replaces no page of others."""

import re

import pytest

from emulant.configuration.listing import experiment_names
from emulant.configuration.pages import PAGE, names_on, page_of
from emulant.errors import InputError


def test_all_experiments_have_the_page_of_the_scale(config):
    names = experiment_names(config, "all", "laptop")
    assert page_of(config, names, "laptop") == page_of(config, names[::-1], "laptop") == ""


def test_some_have_a_page_of_their_own(config):
    assert page_of(config, ["two_peak"], "laptop") == "/subsets/two_peak"
    assert page_of(config, ["two_peak", "bose_gas"], "laptop") == "/subsets/two_peak+bose_gas"


def test_many_names_fit_into_one(config):
    names = experiment_names(config, "all", "laptop")
    pages = {page_of(config, chosen, "laptop") for chosen in (names[1:], names[:-1], names[1:-1])}
    assert len(pages) == 3
    assert all(re.fullmatch(PAGE, page) and len(page) < 200 for page in pages)


def test_a_page_says_whose_it_is(config):
    names = experiment_names(config, "all", "laptop")
    for chosen in (names, names[:1], names[1:3]):
        assert names_on(config, page_of(config, chosen, "laptop"), "laptop") == chosen


def test_a_page_that_cannot_say_so_is_one_line(config):
    names = experiment_names(config, "all", "laptop")
    for page in ("/subsets/two_peek", page_of(config, names[1:], "laptop")):
        with pytest.raises(InputError, match=r"expected names of experiments, or --config experiments"):
            names_on(config, page, "laptop")
