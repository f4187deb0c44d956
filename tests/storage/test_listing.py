"""Hidden files are left alone: macOS and editors leave them where people edit."""

import pytest

from emulant.configuration import digest
from emulant.configuration.listing import experiment_names, names_of_form, scales, sharing_models
from emulant.contracts.declaration import family_names, system_kinds
from emulant.errors import InputError
from emulant.storage import provenance
from emulant.storage.listing import listed
from emulant.storage.yaml_files import read_yaml


@pytest.fixture
def litter():
    """Leave beside a file what macOS and an editor leave there: a file that is no text, and a link to nowhere."""

    def litter(file):
        file.with_name(f"._{file.name}").write_bytes(b"\0\5\x16\7\xff")
        file.with_name(f".#{file.name}").symlink_to("somebody@elsewhere.4711:1")

    return litter


def test_nothing_hidden_is_listed(tmp_path, litter):
    for name in ("b/c.yaml", "a.yaml", ".hidden/d.yaml", "a.json"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("")
        litter(tmp_path / name)
    assert listed(tmp_path, "*.yaml") == [tmp_path / "a.yaml"]
    assert listed(tmp_path, "**/*.yaml") == [tmp_path / "a.yaml", tmp_path / "b/c.yaml"]
    assert listed(tmp_path / "nowhere", "*.yaml") == []


def test_a_folder_below_a_hidden_one_is_listed(tmp_path):
    file = tmp_path / ".snakemake/owners/host.1.json"
    file.parent.mkdir(parents=True)
    file.write_text("{}")
    assert listed(file.parent, "*.json") == [file]


def test_the_configuration_is_read_without_them(tmp_path, litter):
    texts = {
        "experiments/toy": "system: {kind: phi4}",
        "models/mine": "weights_of: yours",
        "scales/smoke": "{}",
    }
    for name, text in texts.items():
        file = tmp_path / f"{name}.yaml"
        file.parent.mkdir()
        file.write_text(text)
        litter(file)
    assert names_of_form(tmp_path, "fields") == ["toy"]
    assert experiment_names(tmp_path, "all", "smoke") == ["toy"]
    assert (sharing_models(tmp_path), scales(tmp_path)) == (["mine"], ["smoke"])
    with pytest.raises(InputError, match="expected one of toy, got"):
        read_yaml(tmp_path / "experiments/another.yaml")


def test_the_library_is_read_without_them(tmp_path, litter, monkeypatch):
    package = tmp_path / "shelf_of_a_test"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "one.py").write_text("one = 1\n")
    monkeypatch.syspath_prepend(tmp_path)
    for name, value in {"PACKAGE": package, "ROOT": tmp_path}.items():
        monkeypatch.setattr(digest, name, value)
    monkeypatch.setattr(provenance, "emulant", type("", (), {"__file__": package / "__init__.py"}))
    monkeypatch.setattr(provenance.emulant, "__version__", "0", raising=False)
    digests = digest.source_digest("shelf_of_a_test.*"), provenance.code_version.__wrapped__()
    litter(package / "one.py")
    digest.sources_of.cache_clear()
    digest.source_digest.cache_clear()
    assert (digest.source_digest("shelf_of_a_test.*"), provenance.code_version.__wrapped__()) == digests
    digest.sources_of.cache_clear()
    digest.source_digest.cache_clear()


def test_systems_and_families_are_listed_without_them(tmp_path, litter, monkeypatch):
    for name in ("systems/toy/schema.yaml", "families/one.py", "families/two/model.py"):
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("")
        litter(file)
        litter(file.parent)
    monkeypatch.setattr("emulant.contracts.declaration.SYSTEMS", tmp_path / "systems")
    monkeypatch.setattr("emulant.contracts.declaration.FAMILIES", tmp_path / "families")
    assert (system_kinds(), family_names()) == (["toy"], ["one", "two"])
