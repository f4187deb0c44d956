"""Studies of families: what a declaration lists is what the module that the digest of their rule reads has."""

from importlib import import_module

import pytest

from emulant.contracts.declaration import declared_family, family_names, module_of_studies
from emulant.families import studies_of_family

FAMILIES = [name for name in family_names() if declared_family(name)["studies"]]


@pytest.mark.parametrize("family", FAMILIES)
def test_declared_studies_are_those_of_the_module(family):
    studies = studies_of_family(family)
    assert set(studies) == set(declared_family(family)["studies"])
    assert import_module(module_of_studies(family)).studies is studies
