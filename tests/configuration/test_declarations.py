"""Declarations that name what is not there are one line with the right file and key, before any job."""

import pytest
import yaml

from emulant.configuration import assembly, declarations, experiments
from emulant.configuration.declarations import check_declarations
from emulant.contracts import declaration
from emulant.errors import InputError

SYSTEM = {
    "title": "a rotor",
    "form": "fields",
    "observables": ["scalar"],
    "offers": ["action", "scalar_field"],
    "system": {"properties": {"kind": {}}},
    "samplers": {"exact": {}},
}
FAMILY = {"needs": "samples", "forms": ["fields"], "requires": ["scalar_field"]}
ROTOR = "systems/rotor"


@pytest.fixture
def library(tmp_path, monkeypatch):
    """A library of one shelf, one form, two families and one system, all in order."""
    rooms = {"LIBRARY": tmp_path, **{n.upper(): tmp_path / n for n in ("systems", "families", "forms")}}
    for module in (declaration, declarations, assembly, experiments):
        for name in rooms.keys() & vars(module).keys():
            monkeypatch.setattr(module, name, rooms[name])
    readers = (declaration.declared_system, declaration.declared_family, declaration.declared_form)
    for read in readers:
        read.cache_clear()
    for file in ("scalar/observables/kappa.py", "forms/fields.py", "families/linear.py", "families/flow.py"):
        written(tmp_path / file)
    for file in ("system.py", "reference.py"):
        written(tmp_path / ROTOR / file)
    declare(tmp_path / "forms/fields.yaml", {"suffix": "h5"})
    for name in ("linear", "flow"):
        declare(tmp_path / f"families/{name}.yaml", FAMILY)
    declare(tmp_path / ROTOR / "schema.yaml", SYSTEM)
    yield tmp_path
    for read in readers:
        read.cache_clear()


def written(file, text=""):
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)


def declare(file, content):
    written(file, yaml.safe_dump(content))


def test_what_is_in_order_passes(library):
    check_declarations()


def refused(words):
    with pytest.raises(InputError) as caught:
        check_declarations()
    message = str(caught.value)
    assert "\n" not in message
    for word in words:
        assert word in message, message


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"form": "field"}, ["rotor/schema.yaml: form:", "did you mean fields?"]),
        ({"observables": ["scaler"]}, ["rotor/schema.yaml: observables:", "did you mean scalar?"]),
        ({"offers": ["scalar_feld"]}, ["rotor/schema.yaml: offers:", "did you mean scalar_field?"]),
        ({"studies": {"levels": {}}}, ["rotor/studies.py: file:", "schema.yaml declares"]),
        ({"observables": []}, ["rotor/schema.yaml: observables:", "rotor/observables", "got none"]),
        ({"forms": "fields"}, ["rotor/schema.yaml: forms:", "did you mean form?"]),
        (
            {"samplers": {"exact": {"propertys": {}}}},
            ["samplers.exact.propertys:", "did you mean properties?"],
        ),
    ],
)
def test_a_system(library, change, words):
    declare(library / ROTOR / "schema.yaml", SYSTEM | change)
    refused(words)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"forms": ["feilds"]}, ["families/linear.yaml: forms:", "did you mean fields?"]),
        ({"requires": ["scalar_feld"]}, ["families/linear.yaml: requires:", "did you mean scalar_field?"]),
        ({"form": ["fields"]}, ["families/linear.yaml: form:", "did you mean forms?"]),
    ],
)
def test_a_family(library, change, words):
    declare(library / "families/linear.yaml", FAMILY | change)
    refused(words)


def test_a_key_by_another_name_is_said_before_the_key_that_lacks(library):
    declare(library / ROTOR / "schema.yaml", {"forms" if k == "form" else k: v for k, v in SYSTEM.items()})
    refused(["forms: ", "did you mean form?"])


@pytest.mark.parametrize("part", ["system.py", "reference.py"])
def test_a_system_without_a_file_that_it_needs(library, part):
    (library / ROTOR / part).unlink()
    refused([f"rotor/{part}: file:", "no such file"])


def test_a_family_without_a_declaration(library):
    """A folder is a family by its model, whatever else lies there."""
    written(library / "families/deep/model.py")
    assert declaration.family_names() == ["deep", "flow", "linear"]
    refused(["families/deep/schema.yaml: file:", "no such file"])


def test_two_files_of_one_observable(library):
    written(library / ROTOR / "observables/kappa.py")
    refused(["rotor/schema.yaml: observables:", "names that differ", "got kappa"])


def test_a_folder_without_a_declaration_is_no_unknown_kind(library):
    (library / ROTOR / "schema.yaml").unlink()
    with pytest.raises(InputError, match=r"rotor/schema.yaml: file: expected the declaration of the system"):
        experiments._kind({"system": {"kind": "rotor"}}, [])
