"""Heavy-ion collisions as a system of the pipeline; configurations are whole events in Parquet."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from emulant.collisions.conserved import CHARGE_NAMES, TOTALS, charges_of_nuclei, event_totals
from emulant.collisions.ensemble import EventEnsemble
from emulant.collisions.events import Events
from emulant.collisions.opinions import event_opinions
from emulant.collisions.shards import merge_shards
from emulant.collisions.surrogate import FACTS, Surrogate
from emulant.collisions.tables import EventWriter, open_events
from emulant.collisions.urqmd import Urqmd, make_shards, shards_of
from emulant.errors import InputError
from emulant.statistics.two_sample import TwoSample
from emulant.storage.provenance import provenance

__all__ = ["Collision"]

SHARD = 10
LABELS = {"surrogate": "surrogate, not UrQMD"}


class Collision:
    """Two nuclei at a beam energy and an impact parameter.

    Arguments:
        settings: `projectile` and `target` [mass number, charge], `energy` in GeV a nucleon, `impact` [lowest, highest]
            in fm.
    """

    kind = "collision"
    site_shape: tuple[int, ...] = ()
    observable_package = "emulant.collisions.observables"
    gradient = None

    def __init__(self, settings: dict[str, Any]) -> None:
        self.parameters = {key: settings[key] for key in ("projectile", "target", "energy", "impact")}

    @classmethod
    def from_settings(cls, settings: dict[str, Any]) -> "Collision":
        """From the `system` block of an experiment."""
        return cls(settings)

    @staticmethod
    def open(path: str | Path) -> EventEnsemble:
        """An ensemble of events."""
        return EventEnsemble(path)

    def view(self, events: Events) -> Events:
        """What observables are shown: the events themselves."""
        return events

    @property
    def charges(self) -> dict[str, int]:
        """B, Q and S of every event."""
        return charges_of_nuclei(self.parameters)

    def sample_reference(
        self, path: Path, *, settings: dict, seed: int, checkpoint: Path, threads: int = 1
    ) -> dict[str, Any]:
        """Write events by settings["sampler"], urqmd or surrogate; returns what they conserve and how exactly.

        UrQMD's events are made in shards that are kept beside `checkpoint` until all are there.

        Raises:
            InputError: where UrQMD could not make all events, or an event breaks a conservation law of charges.
        """
        make = {"urqmd": self._urqmd, "surrogate": self._surrogate}[settings["sampler"]]
        make(path, settings["samples"], seed, checkpoint.with_suffix(""), threads)
        return {
            "sampler": settings["sampler"],
            "samples": settings["samples"],
            "tau_int": 0.5,
            "equilibrated": True,
        } | self._conserved(path)

    def _surrogate(self, path: Path, events: int, seed: int, folder: Path, threads: int) -> None:
        generator = Surrogate(**self.parameters)
        attributes = self._attributes("surrogate", seed) | {"label": LABELS["surrogate"]}
        with (
            EventWriter(path, attributes, FACTS) as writer,
            tqdm(total=events, desc="surrogate", unit="event", mininterval=2) as bar,
        ):
            for batch in generator.events(events, seed):
                writer.append(batch)
                bar.update(len(batch))

    def _urqmd(self, path: Path, events: int, seed: int, folder: Path, threads: int) -> None:
        shards = shards_of(folder, events, SHARD)
        failures = make_shards(Urqmd(**self.parameters), shards, seed=seed, workers=threads)
        if failures:
            raise InputError(path, "events", f"{events} events by UrQMD", "; ".join(map(str, failures)))
        merge_shards([shard.path for shard in shards], path, self._attributes("urqmd", seed), events=events)
        for shard in shards:
            for file in shard.path.parent.glob(f"{shard.path.stem}.*"):
                file.unlink()

    def _attributes(self, sampler: str, seed: int) -> dict[str, Any]:
        return provenance(
            system=self.kind, parameters=self.parameters, sampler=sampler, seed=seed, device="cpu"
        )

    def _conserved(self, path: Path) -> dict[str, Any]:
        """Mean and standard deviation over events of the sums of momenta, energy and charges."""
        with open_events(path) as file:
            totals = np.concatenate([event_totals(part) for part in file.chunks()])
        for name, charge in self.charges.items():
            wrong = np.flatnonzero(totals[:, TOTALS.index(name)] != charge)
            if len(wrong):
                raise InputError(
                    path, name, f"{charge} in every event", f"another in {len(wrong)}, first {wrong[0]}"
                )
        units = {name: "" if name in CHARGE_NAMES else "_GeV" for name in TOTALS}
        return {
            f"sum_{name}{units[name]}": {"mean": float(column.mean()), "deviation": float(column.std(ddof=1))}
            for name, column in zip(TOTALS, totals.T, strict=True)
        }

    @staticmethod
    def second_opinions(
        ensembles: Mapping[str, EventEnsemble], seed: int
    ) -> Iterator[tuple[str, list[tuple[str, TwoSample]]]]:
        """Distances of every source's events and particles to the reference's."""
        return event_opinions(ensembles, seed)

    def exact_values(self) -> list[dict[str, Any]]:
        """Nothing that is not the same in every event."""
        return []
