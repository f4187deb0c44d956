"""Commands in a small checkout: what they say, what they write and what they remove."""

import subprocess
import sys
from pathlib import Path

import pytest

from emulant.command.checkout import checkout
from emulant.command.main import main
from emulant.command.running import command_of
from emulant.errors import InputError

ROOT = Path(__file__).parents[2]
VERDICT = """experiment,model,variant,tests,worst_observable,worst_index,worst_pull,limit,chi2_p,verdict,note
mine,reference,,2,sign_balance,0,-0.49,2.8,,pass,
mine,flow_matching,,16,binder,0,5.12,3.4,0.4,fail,
mine,flow_matching,weighted,,,,,,,info,effective sample size 12 %
"""


@pytest.fixture
def small(tmp_path, monkeypatch):
    """A checkout in a path with blanks that has one experiment; its working directory lies below it."""
    folder = tmp_path / "my checkout"
    for part in ("workflow/emulant", "config/experiments", "config/models", "config/scales", "sub"):
        (folder / part).mkdir(parents=True)
    (folder / "Snakefile").touch()
    (folder / "config/experiments/mine.yaml").write_text("title: Mine\nabout: >-\n  What it is\n  for.\n")
    (folder / "config/experiments/other.yaml").write_text(
        "# A comment that says\n# what it is for.\nmodels: []\n"
    )
    for scale in ("smoke", "laptop", "tour"):
        (folder / f"config/scales/{scale}.yaml").write_text("# How big.\njob: {}\n")
    monkeypatch.chdir(folder / "sub")
    return folder


def test_a_checkout_is_seen_from_below_and_from_elsewhere(small, tmp_path):
    assert checkout() == small
    assert checkout(tmp_path) == ROOT


def test_a_library_without_a_checkout_says_so(monkeypatch, tmp_path):
    monkeypatch.setattr("emulant.command.checkout.LIBRARY", tmp_path / "site-packages" / "emulant")
    with pytest.raises(InputError, match="a checkout of emulant here, above"):
        checkout(tmp_path)


def test_the_library_alone_says_that_snakemake_is_missing(monkeypatch):
    monkeypatch.setattr("emulant.command.running.find_spec", lambda name: None)
    with pytest.raises(InputError, match=r"expected Snakemake \(pip install 'emulant\[workflow\]'\)"):
        command_of([], "tour", [])


def test_list_has_a_sentence_for_each(small, capsys):
    assert main(["list"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "mine   What it is for.",
        "other  A comment that says what it is for.",
    ]
    assert main(["list", "scales"]) == 0
    assert capsys.readouterr().out.splitlines()[0].split() == ["laptop", "How", "big."]


def test_show_has_the_verdict_and_why(small, capsys):
    folder = small / "results/laptop/mine"
    folder.mkdir(parents=True)
    (folder / "verdict.csv").write_text(VERDICT)
    for page in ("mine+other", "other"):
        (folder.parent / "subsets" / page).mkdir(parents=True)
        (folder.parent / "subsets" / page / "report.html").touch()
    assert main(["show", "mine"]) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[:3] == ["mine: What it is for.", "", "at scale laptop"]
    assert said[4].split() == [
        "✗",
        "flow_matching",
        "fail",
        "16",
        "tests,",
        "worst",
        "binder",
        "+5.1",
        "(limit",
        "3.4)",
    ]
    assert said[5].split() == [
        "○",
        "flow_matching",
        "weighted",
        "info",
        "effective",
        "sample",
        "size",
        "12",
        "%",
    ]
    assert said[-2:] == [
        "tables: ../results/laptop/mine",
        "report: ../results/laptop/subsets/mine+other/report.html",
    ]
    (folder / "verdict.csv").write_text("garbage\n")
    assert main(["show", "mine"]) == 1
    assert (
        "expected a table of verdicts (emulant run makes it again), got a damaged one"
        in capsys.readouterr().err
    )


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["show", "mine"], "expected a verdict (emulant run mine makes it)"),
        (["run", "mien"], "got mien (did you mean mine?)"),
        (["run", "--scale", "smok"], "got smok (did you mean smoke?)"),
        (["new", "system", "My-X"], "expected a name of small letters, digits and _"),
        (["new", "family", "class"], "expected a name of small letters, digits and _"),
        (["new", "experiment", "a b"], "expected a name of letters"),
        (["new", "experiment", "mine"], "expected a name that nothing has yet"),
        (["clean"], "expected names of experiments, --scale, or --all"),
    ],
)
def test_mistakes_are_one_line(small, capsys, words, said):
    assert main(words) == 1
    error = capsys.readouterr().err
    assert error.startswith("Error: ") and error.count("\n") == 1 and said in error


@pytest.mark.parametrize(
    ("words", "left"),
    [
        (["mine"], {"results/laptop/other", "results/smoke/other"}),
        (
            ["mine", "--scale", "smoke"],
            {"results/laptop/mine", "results/laptop/other", "results/smoke/other"},
        ),
        (["--scale", "smoke"], {"results/laptop/mine", "results/laptop/other"}),
        (["--all"], set()),
    ],
)
def test_clean_removes_what_it_is_told(small, words, left):
    for room in ("results", "logs", "timings"):
        for scale in ("laptop", "smoke"):
            for name in ("mine", "other"):
                (small / room / scale / name).mkdir(parents=True)
    assert main(["clean", *words]) == 0
    assert {path.relative_to(small).as_posix() for path in small.glob("results/*/*")} == left
    assert len([*small.glob("timings/*/*")]) == len(left)
    assert (small / "config/experiments/mine.yaml").exists()


def test_clean_takes_the_pages_that_show_an_experiment(small):
    """And no others: a page that stayed would tell the next run that nothing is to be done."""
    scale = small / "results/smoke"
    for name in ("mine", "subsets/mine", "subsets/other", "subsets/other+mine", "subsets/a+9_others_12"):
        (scale / name).mkdir(parents=True)
    (scale / "report.html").touch()
    assert main(["clean", "mine", "--scale", "smoke"]) == 0
    assert [path.name for path in sorted(scale.rglob("*"))] == ["subsets", "other"]


def test_new_writes_files_that_name_what_is_new(small, capsys):
    assert main(["new", "system", "ring"]) == 0
    written = [small / line for line in capsys.readouterr().out.splitlines()[:-1]]
    assert small / "workflow/emulant/systems/ring/system.py" in written
    assert all(file.exists() and "NAME" not in file.read_text() for file in written)
    assert main(["new", "system", "ring"]) == 1


FAKE = """
import sys
lines = "Plan: 2 jobs.", "Select jobs to execute...", "mine x | Error: mine.npy: file: expected numbers"
print(*lines, sep="\\n", file=sys.stderr)
print("The closing table")
sys.exit(int(sys.argv[1]))
"""


@pytest.mark.parametrize("status", [0, 1])
def test_run_keeps_chatter_in_the_log_and_tells_errors(small, capsys, monkeypatch, status):
    fake = [sys.executable, "-c", FAKE, str(status)]
    monkeypatch.setattr("emulant.command.running.command_of", lambda *_: fake)
    assert main(["run", "mine", "--scale", "smoke"]) == status
    said = capsys.readouterr()
    assert said.out.strip() == "The closing table"
    assert "Select jobs" not in said.err and "Plan: 2 jobs." in said.err
    assert ("mine x: Error: mine.npy: file: expected numbers" in said.err) == bool(status)
    assert "mine x failed; why is said at the end." in said.err
    assert "Select jobs" in (small / "logs/smoke/run.log").read_text()


def test_without_a_command_all_are_listed(capsys):
    assert main([]) == 0
    said = capsys.readouterr().out
    assert all(name in said for name in ("list", "run", "show", "new", "clean"))


def test_a_second_run_shows_the_verdicts_of_the_first(small, capsys, monkeypatch):
    idle = "import sys; print('Nothing to be done (all requested files are there).', file=sys.stderr)"
    monkeypatch.setattr("emulant.command.running.command_of", lambda *_: [sys.executable, "-c", idle])
    page = small / "results/smoke/subsets/mine"
    page.mkdir(parents=True)
    (page / "verdict.csv").write_text(VERDICT)
    assert main(["run", "mine", "--scale", "smoke", "--cores", "1"]) == 0
    said = capsys.readouterr()
    assert "Nothing to be done" in said.err
    assert "0 of 1 pass flow_matching fails binder" in " ".join(said.out.split())
    assert "The report: results/smoke/subsets/mine/report.html" in said.out
    assert main(["run", "mine", "--scale", "smoke", "--", "results/smoke/mine/verdict.csv"]) == 0
    assert "The report" not in capsys.readouterr().out


def test_python_m_emulant_is_the_command():
    done = subprocess.run(
        [sys.executable, "-m", "emulant", "--help"], capture_output=True, text=True, check=True
    )
    assert all(name in done.stdout for name in ("list", "run", "show", "new", "clean"))
