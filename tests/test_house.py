"""The shape of the code: who may name whom, who may import whom, how long a function and a script may be."""

import ast
import re
import statistics
from graphlib import CycleError, TopologicalSorter
from itertools import chain
from pathlib import Path

import pytest

from emulant.contracts.declaration import family_names, system_kinds

ROOT = Path(__file__).parents[1]
WORKFLOW = ROOT / "workflow"
LIBRARY = WORKFLOW / "emulant"

NAMELESS = (
    WORKFLOW / "rules",
    WORKFLOW / "scripts",
    *(
        LIBRARY / room
        for room in (
            "judging",
            "reporting",
            "configuration",
            "training",
            "transport",
            "networks",
            "statistics",
            "storage",
            "plots",
            "stages",
            "forms",
        )
    ),
)
"""Rooms that work for every system and family, and name none."""

ORDINARY = {"autoregressive", "baseline", "diffusion", "energy", "score"}
"""Families whose names are words of the field: only an import, or a text in quotes beside the word, names the family."""

ROOMS = (
    ("errors", "devices"),
    ("statistics", "randomness", "storage", "transport", "networks"),
    ("contracts",),
    ("plots",),
    (
        "markov",
        "lattice",
        "gauge",
        "langevin",
        "plane",
        "scalar",
        "spins",
        "quantum",
        "worldlines",
        "collisions",
        "kinetic",
        "initial",
        "hydro",
        "inference",
    ),
    ("systems", "forms", "families"),
    ("configuration", "judging", "training", "stages"),
    ("reporting", "api"),
    ("command", "__main__"),
)
"""Imports go from a later line to an earlier one, or stay in it."""

SHELVES = ROOMS[4]
STRANGERS = {
    **dict.fromkeys((*SHELVES, "systems"), ("networks", "training", "families")),
    **dict.fromkeys(("transport", "networks", "training"), SHELVES),
}
"""Rooms that lie below, and still are none of a room's business."""

BY_NAME = {
    "storage/yaml_files.py": "PyYAML's fast loader and the mark of its errors are there or not",
    "training/loop.py": "a network shared between processes wraps itself as `module`",
    "transport/paths/path.py": "methods named after two parametrisations",
    "configuration/digest.py": "modules of Python",
}
"""Files that may ask an object for an attribute by its name, and of what they ask it."""

VAGUE = {"found", "own", "place", "made", "there", "how", "seen", "given", "kept", "known"}
"""Names that say of a value only that there is one."""


def sources(folder, *patterns):
    files = chain.from_iterable(folder.rglob(pattern) for pattern in patterns or ("*.py",))
    return {file.relative_to(WORKFLOW).as_posix(): file.read_text() for file in sorted(files)}


def named(text, name):
    """Lines that name a system or a family."""
    pattern = rf"\b{name}\b"
    if name in ORDINARY:
        quoted = rf"[\"']{name}[\"']"
        pattern = rf"famil.*{quoted}|{quoted}.*famil|emulant\.families\.{name}\b|families import .*\b{name}\b"
    return [number for number, line in enumerate(text.splitlines(), 1) if re.search(pattern, line)]


@pytest.mark.parametrize("room", NAMELESS, ids=lambda room: room.name)
@pytest.mark.parametrize("names", [system_kinds, family_names])
def test_what_works_for_all_names_none(room, names):
    places = [
        f"{file}:{line}: {name}"
        for file, text in sources(room, "*.py", "*.smk").items()
        for name in names()
        for line in named(text, name)
    ]
    assert not places


def imports(name, text):
    """Modules of the library that a module imports, by their full names; a name that is no module is its module's."""
    package = name.split(".") if (LIBRARY.parent / name.replace(".", "/")).is_dir() else name.split(".")[:-1]
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name.startswith("emulant"))
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else []
            base = ".".join([*above, *([node.module] if node.module else [])])
            if base.startswith("emulant"):
                yield from {_module(base, alias.name) for alias in node.names}


def _module(base, name):
    path = LIBRARY.parent / base.replace(".", "/") / name
    return f"{base}.{name}" if path.is_dir() or path.with_suffix(".py").exists() else base


@pytest.fixture(scope="module")
def modules():
    """What each module of the library imports from it."""
    names = {
        file: file.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        for file in sources(LIBRARY)
    }
    return {names[file]: set(imports(names[file], text)) for file, text in sources(LIBRARY).items()}


def room_of(module):
    parts = module.split(".")
    return parts[1] if len(parts) > 1 else None


def test_every_room_has_its_place(modules):
    assert {room_of(module) for module in modules} <= {None, *chain.from_iterable(ROOMS)}


def test_imports_go_down(modules):
    floor = {room: number for number, rooms in enumerate(ROOMS) for room in rooms}
    pairs = [
        (room_of(one), room_of(other), one, other) for one, several in modules.items() for other in several
    ]
    up = [
        f"{one} imports {other}"
        for above, below, one, other in pairs
        if floor.get(below, 0) > floor.get(above, 0)
    ]
    assert not up


def test_rooms_that_are_no_business_of_each_other(modules):
    pairs = [(one, other) for one, several in modules.items() for other in several]
    assert not [
        f"{one} imports {other}" for one, other in pairs if room_of(other) in STRANGERS.get(room_of(one), ())
    ]


def test_no_import_goes_in_a_circle(modules):
    graph = {name: several - {name} for name, several in modules.items()}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(" imports ".join(reversed(error.args[1])))


def test_capabilities_are_protocols():
    """Systems, models and ensembles are asked what they are, not whether they happen to have an attribute."""
    calls = [
        f"{file}:{node.lineno}"
        for room in (*NAMELESS, LIBRARY / "contracts")
        for file, text in sources(room).items()
        if file.removeprefix("emulant/") not in BY_NAME
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in ("hasattr", "getattr")
    ]
    assert not calls


def bound_names(tree):
    """Names that a module binds: variables, attributes, parameters, imports, functions except methods, patterns."""
    methods = {id(f) for node in ast.walk(tree) if isinstance(node, ast.ClassDef) for f in node.body}
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name, ctx=ast.Store()) | ast.Attribute(attr=name, ctx=ast.Store()):
                yield name
            case ast.arg(arg=name) | ast.alias(asname=str(name)) | ast.ExceptHandler(name=str(name)):
                yield name
            case (
                ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)) | ast.MatchMapping(rest=str(name))
            ):
                yield name
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                if id(node) not in methods:
                    yield name


def vague_names(folder):
    """Pairs (file below `folder`, vague name that it binds)."""
    return {
        (file.relative_to(folder).as_posix(), name)
        for file in folder.rglob("*.py")
        for name in VAGUE.intersection(bound_names(ast.parse(file.read_text())))
    }


@pytest.mark.parametrize("folder", ["workflow", "tests", "benchmarks"])
def test_names_say_what_they_hold(folder):
    assert not vague_names(ROOT / folder)


@pytest.mark.parametrize(
    "text",
    [
        "found = 1",
        "a, *found = x",
        "self.found = 1",
        "for found in x: pass",
        "[found for found in x]",
        "with x as found: pass",
        "(found := 1)",
        "lambda found: 1",
        "def f(*, found=1): pass",
        "def found(): pass",
        "import a as found",
        "try: pass\nexcept E as found: pass",
        "match x:\n case [a, *found]: pass",
    ],
)
def test_every_way_to_bind_a_name_is_seen(text):
    assert "found" in set(bound_names(ast.parse(text)))


def test_scripts_are_short():
    lines = {file: len(text.splitlines()) for file, text in sources(WORKFLOW / "scripts").items()}
    assert not {file: count for file, count in lines.items() if count > 40}


def body_lines(function):
    """Lines from the first statement after the docstring to the last."""
    body = function.body[1:] if ast.get_docstring(function) is not None else function.body
    return body[-1].end_lineno - body[0].lineno + 1 if body else 0


def test_functions_are_short():
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    trees = map(ast.parse, sources(LIBRARY).values())
    lengths = [body_lines(node) for tree in trees for node in ast.walk(tree) if isinstance(node, kinds)]
    assert statistics.median(lengths) <= 4
    assert statistics.quantiles(lengths, n=10)[-1] <= 14
