import pytest

from emulant.configuration import digest
from emulant.configuration.digest import source_digest, sources_of

SCRIPTS = ("reference", "train", "generate", "correct", "measure", "compare", "figures", "ledger", "report")


@pytest.fixture
def library(tmp_path, monkeypatch):
    """A small package in place of emulant, with one script."""
    files = {
        "emulant/__init__.py": "",
        "emulant/a/__init__.py": "from emulant.b import helper",
        "emulant/a/one.py": "import numpy\n\ndef f():\n    from emulant.c import late\n",
        "emulant/a/two.py": "import emulant.a.one as one",
        "emulant/b.py": "helper = 1",
        "emulant/c.py": "late = 1",
        "emulant/unused.py": "",
        "scripts/job.py": "from emulant.a import two\n",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    monkeypatch.setattr(digest, "PACKAGE", tmp_path / "emulant")
    monkeypatch.setattr(digest, "ROOT", tmp_path)
    monkeypatch.setattr(digest, "SCRIPTS", tmp_path / "scripts")
    clear()
    yield tmp_path
    clear()


def clear():
    cached = (digest.source_digest, digest.sources_of, digest._reached, digest._named_content)
    cached += (digest._imports, digest._module)
    for function in cached:
        function.cache_clear()


def names(*entries):
    return {file.relative_to(digest.ROOT).as_posix() for file in sources_of(*entries)}


def test_imports_are_followed_through_packages_and_functions(library):
    assert names("emulant.a.one") == {"emulant/__init__.py", "emulant/a/__init__.py", "emulant/a/one.py"} | {
        "emulant/b.py",
        "emulant/c.py",
    }
    assert names("job.py") == names("emulant.a.two") == names("emulant.a.one") | {"emulant/a/two.py"}
    assert names("emulant.a.*") == names("emulant.a.two")


def test_a_declaration_counts(library):
    file = library / "emulant/a/schema.yaml"
    file.write_text("title: a")
    before = source_digest("job.py", str(file))
    assert source_digest("job.py") != before
    file.write_text("title: b")
    clear()
    assert source_digest("job.py", str(file)) != before


def test_only_texts_that_are_used_count(library):
    before = source_digest("job.py")
    (library / "emulant/unused.py").write_text("x = 1")
    (library / "scripts/job.py").write_text("from emulant.a import two  # the same")
    clear()
    assert source_digest("job.py") == before
    (library / "emulant/c.py").write_text("late = 2")
    clear()
    assert source_digest("job.py") != before
    (library / "emulant/c.py").write_text("late = 1")
    clear()
    assert source_digest("job.py") == before


def test_what_names_nothing_is_an_error(library):
    for entry in ("emulant.nothing", "emulant.nothing.*", "numpy"):
        with pytest.raises(ValueError, match="names no source"):
            sources_of(entry)


def test_what_rules_use():
    used = {script: {file.name for file in sources_of(f"{script}.py")} for script in SCRIPTS}
    assert "loop.py" in used["train"]
    assert not {"diffusion.py", "baseline.py", "metropolis.py"} & used["train"]
    assert not {"loop.py", "leapfrog.py", "metropolis.py"} & used["generate"]
    assert "metropolis.py" in used["correct"]
    assert not {"leapfrog.py", "two_peak.py", "thermalisation.py"} & used["reference"]
    assert "binder.py" in {file.name for file in sources_of("emulant.lattice.observables.*")}
    family = {file.name for file in sources_of("train.py", "emulant.families.diffusion.model")}
    assert "baseline.py" not in family


def test_measuring_judging_drawing_and_reporting_never_load_torch():
    for script in ("measure", "compare", "figures", "ledger", "report"):
        for file in sources_of(
            f"{script}.py", "emulant.systems.phi4.system", "emulant.lattice.observables.*"
        ):
            lines = [line for line in file.read_text().splitlines() if not line.startswith(" ")]
            assert not any(line.startswith(("import torch", "from torch")) for line in lines), file


def reference_of(kind, form):
    modules = [f"emulant.systems.{kind}.{part}" for part in ("system", "reference")]
    return {
        file.relative_to(digest.ROOT).as_posix()
        for file in sources_of("reference.py", *modules, f"emulant.forms.{form}")
    }


def test_events_do_not_depend_on_lattice_code():
    assert not [
        file for file in reference_of("collision", "events") if "/lattice/" in file or "/markov/" in file
    ]
    assert {"emulant/lattice/leapfrog.py", "emulant/lattice/torch_spread.py"} <= reference_of(
        "phi4", "fields"
    )


def test_figures_measure_nothing_again():
    for script, part in (("measure.py", "figures"), ("compare.py", "figures"), ("measure.py", "two_sample")):
        modules = (script, "emulant.systems.phi4.system", "emulant.forms.fields")
        assert not [file for file in sources_of(*modules) if file.name in (f"{part}.py", "style.py")]


@pytest.mark.parametrize(
    "line",
    [
        "from emulant import c",
        "from emulant.c import (  # why)\n    late,\n)",
        "from emulant.a import \\\n    two",
        "import numpy, emulant.c as c",
        "if True: import emulant.c",
        "def f():\n    x = 1; from emulant.c import late",
    ],
)
def test_imports_in_any_form_are_read(library, line):
    file = library / "emulant/unused.py"
    before = names("emulant.unused")
    file.write_text(f"{line}\n")
    clear()
    assert len(names("emulant.unused")) > len(before)


def test_a_comment_imports_nothing(library):
    (library / "emulant/unused.py").write_text("# from emulant.c import late\nx = 1  # import emulant.c\n")
    assert names("emulant.unused") == {"emulant/__init__.py", "emulant/unused.py"}
