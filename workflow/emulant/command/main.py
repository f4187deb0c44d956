"""The commands and their arguments."""

import argparse
import os
import sys
from collections.abc import Callable, Sequence

from emulant.command.checkout import check_experiments, check_scale, checkout
from emulant.command.cleaning import clean
from emulant.command.listing import KINDS, listing
from emulant.command.running import run
from emulant.command.scaffold import TEMPLATES, scaffold
from emulant.command.showing import shown
from emulant.errors import InputError

__all__ = ["main"]

TOUR, LAPTOP = "tour", "laptop"
"""Scales of a run that names none: the tour as a whole, experiments by their names at the size of a laptop."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; returns the exit status."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    words, options = (
        (words[: words.index("--")], words[words.index("--") + 1 :]) if "--" in words else (words, [])
    )
    if not words:
        _parser().print_help()
        return 0
    chosen = _parser().parse_args(words)
    try:
        return chosen.call(chosen, options)
    except InputError as error:
        print(f"Error: {error}", file=sys.stderr)
        return 1
    except BrokenPipeError:
        # Whoever read has enough; nothing is written at exit either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="emulant", description="Generative models of physics ensembles, judged by physics."
    )
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    part = _command(commands, "list", _list, "experiments, models, systems or scales, a line each")
    part.add_argument("kind", nargs="?", default=KINDS[0], choices=KINDS)
    part.add_argument("--scale", help="experiments of this scale alone")
    part = _command(
        commands,
        "run",
        _run,
        "run experiments to their verdicts and the report; what follows -- is Snakemake's",
    )
    part.add_argument("names", nargs="*", metavar="NAME", help="experiments; all of the scale without")
    part.add_argument("--scale", help=f"how big: {LAPTOP} for named experiments, else {TOUR}")
    part.add_argument("--cores", help="how many; all without")
    part.add_argument("-n", "--dry-run", action="store_true", help="say what would be done")
    part.add_argument("-v", "--verbose", action="store_true", help="show everything that Snakemake says")
    part = _command(commands, "show", _show, "the verdict of an experiment")
    part.add_argument("names", nargs="+", metavar="NAME")
    part.add_argument("--scale", help="every scale that was run without")
    part = _command(commands, "new", _new, "a scaffold that runs: what you edit")
    part.add_argument("kind", choices=TEMPLATES)
    part.add_argument("name", metavar="NAME")
    part = _command(commands, "clean", _clean, "remove what was computed")
    part.add_argument("names", nargs="*", metavar="NAME")
    part.add_argument("--scale")
    part.add_argument("--all", action="store_true", help="of all experiments at all scales")
    return parser


def _command(
    commands: argparse._SubParsersAction, name: str, call: Callable, words: str
) -> argparse.ArgumentParser:
    part = commands.add_parser(name, help=words, description=words)
    part.set_defaults(call=call)
    return part


def _list(chosen: argparse.Namespace, options: list[str]) -> int:
    folder = checkout()
    if chosen.scale:
        check_scale(folder, chosen.scale)
    print(listing(folder, chosen.kind, chosen.scale))
    return 0


def _run(chosen: argparse.Namespace, options: list[str]) -> int:
    folder = checkout()
    names = check_experiments(folder, chosen.names)
    scale = check_scale(folder, chosen.scale or (LAPTOP if names else TOUR))
    options = [*options, *(["--cores", chosen.cores] if chosen.cores else [])]
    options += ["-n", "--quiet", "rules", "host"] if chosen.dry_run else []
    return run(folder, names, scale, options, chosen.verbose)


def _show(chosen: argparse.Namespace, options: list[str]) -> int:
    folder = checkout()
    scale = check_scale(folder, chosen.scale) if chosen.scale else None
    print("\n\n".join(shown(folder, name, scale) for name in check_experiments(folder, chosen.names)))
    return 0


def _new(chosen: argparse.Namespace, options: list[str]) -> int:
    folder = checkout()
    for file in scaffold(folder, chosen.kind, chosen.name):
        print(file.relative_to(folder))
    print(TEMPLATES[chosen.kind].format(name=chosen.name))
    return 0


def _clean(chosen: argparse.Namespace, options: list[str]) -> int:
    folder = checkout()
    scale = check_scale(folder, chosen.scale) if chosen.scale else None
    names = check_experiments(folder, chosen.names)
    removed = clean(folder, names, scale, chosen.all)
    print("\n".join(f"removed {part.relative_to(folder)}" for part in removed) or "Nothing there.")
    return 0
