"""The sampler: each sample has a charge separation, a cross section and events of its own."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from emulant.forms.pairs import form
from emulant.forms.streamed import Chunk, Streamed
from emulant.kinetic.densities import half_turned
from emulant.storage.pairs import Pairs
from emulant.storage.pieces import Piece
from emulant.storage.provenance import provenance
from emulant.systems.charge_transport.system import ChargeTransport

__all__ = ["BATCH", "LABEL", "samplers"]

BATCH = 8
"""Samples of a piece: what a killed job loses, seconds of work at twenty events a sample."""
LABEL = "own kinetic surrogate, not AMPT"


def _attributes(system: ChargeTransport, settings: Mapping[str, Any], seed: int) -> dict[str, Any]:
    """Provenance, labelled as what it is."""
    described = provenance(
        system=system.kind, parameters=system.parameters, sampler=settings["sampler"], seed=seed
    )
    return described | {"label": LABEL}


def _record(system: ChargeTransport, path: Path, settings: Mapping[str, Any]) -> dict[str, Any]:
    """Diagnostics: samples are independent."""
    samples = settings["samples"]
    events = samples * system.parameters["events"]
    return {
        "sampler": "transport",
        "samples": samples,
        "events": events,
        "tau_int": 0.5,
        "equilibrated": True,
    }


def _sample(system: ChargeTransport, number: int, seed: int) -> Pairs:
    """Make sample `number`: averages over events, each with random numbers of its own."""
    low, high = system.parameters["separation"]
    generator = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(number,)))
    separation, cross_section = generator.uniform(low, high), generator.uniform(*system.cross_sections)
    law = system.law_at(cross_section)
    keys = ((number, event) for event in range(system.parameters["events"]))
    events = [law.event(separation, np.random.SeedSequence(seed, spawn_key=key)) for key in keys]
    turned = system.orientations(generator)
    slices = np.mean(
        [
            half_turned(event.slices) if turn else event.slices
            for event, turn in zip(events, turned, strict=True)
        ],
        axis=0,
        dtype=np.float64,
    ).astype(np.float32)
    sums = np.mean([event.pairs for event in events], axis=0)
    # In the order of the alphabet, in which merged shards have them.
    facts = {"parton_cross_section": cross_section, "separation": separation}
    conditions = {"pairs": sums[None]} | {name: np.array([value]) for name, value in facts.items()}
    return Pairs(slices[None, -1], slices[None, :-1], conditions)


def _generate(
    system: ChargeTransport, piece: Piece, settings: Mapping[str, Any], seed: int
) -> Iterator[Chunk]:
    """Make the samples of a piece, one after another."""
    for number in range(piece.first, piece.first + piece.count):
        yield Chunk(_sample(system, number, seed))


samplers = {"transport": Streamed(form, BATCH, _attributes, _record, _generate, "transport")}
