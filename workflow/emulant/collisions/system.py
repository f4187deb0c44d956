"""Heavy-ion collisions as a system of the pipeline; configurations are whole events in Parquet."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from emulant.collisions.conserved import CHARGE_NAMES, TOTALS, charges_of_nuclei, event_totals
from emulant.collisions.ensemble import EventEnsemble
from emulant.collisions.events import Events
from emulant.collisions.imported import import_half
from emulant.collisions.references import in_turn, merge_urqmd, pieces_of, sample_surrogate, sample_urqmd
from emulant.collisions.tables import open_events
from emulant.errors import InputError
from emulant.storage.provenance import provenance

__all__ = ["Collision"]

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
    opinion_module = "emulant.collisions.opinions"
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
    def equal_nuclei(self) -> bool:
        """Whether half a turn about the y axis exchanges two nuclei that are the same."""
        return list(self.parameters["projectile"]) == list(self.parameters["target"])

    @property
    def charges(self) -> dict[str, int]:
        """B, Q and S of every event."""
        return charges_of_nuclei(self.parameters)

    def sample_reference(
        self, path: Path, *, settings: dict, seed: int, checkpoint: Path, threads: int = 1
    ) -> dict[str, Any]:
        """Write events by settings["sampler"], urqmd or surrogate; returns what they conserve and how exactly.

        UrQMD's events are made in pieces that are kept beside `checkpoint` until all are there. With
        settings["impacts"], in fm, pieces have these impact parameters in turn, instead of the system's.

        Raises:
            InputError: where UrQMD could not make all events, or an event breaks a conservation law of charges.
        """
        systems, events = in_turn(self.parameters, settings.get("impacts")), settings["samples"]
        attributes = self._attributes(settings, seed)
        if settings["sampler"] == "urqmd":
            pieces = pieces_of(checkpoint.with_suffix(""), events)
            sample_urqmd(path, systems, pieces, attributes, seed=seed, workers=threads)
        else:
            sample_surrogate(path, systems, events, attributes, seed=seed)
        return self._record(path, settings["sampler"])

    def sample_shard(
        self, path: Path, *, settings: dict, seed: int, checkpoint: Path, shard: int, size: int
    ) -> None:
        """Write shard number `shard`, of `size` events, of what `sample_reference` makes by UrQMD."""
        pieces = pieces_of(checkpoint.with_suffix(""), settings["samples"], shard, size)
        systems = in_turn(self.parameters, settings.get("impacts"))
        sample_urqmd(path, systems, pieces, self._attributes(settings, seed), seed=seed)

    def merge_reference(
        self, path: Path, shards: Sequence[Path], *, settings: dict, seed: int
    ) -> dict[str, Any]:
        """Put all shards together; the same file and record as of `sample_reference`."""
        merge_urqmd(path, shards, self._attributes(settings, seed), settings["samples"])
        return self._record(path, settings["sampler"])

    def import_reference(
        self, path: Path, file: Path, *, settings: dict, seed: int, half: str
    ) -> dict[str, Any]:
        """Write one half of a user's events; see `imported.import_half` for what is checked."""
        complete = settings.get("complete", True)
        import_half(
            file,
            path,
            self.parameters,
            self._attributes(settings, seed),
            half=half,
            complete=complete,
            frame=settings.get("frame", "cm"),
        )
        return self._record(path, "file", complete) | {"file": str(file), "complete": complete}

    def _attributes(self, settings: dict, seed: int) -> dict[str, Any]:
        sampler, impacts = settings["sampler"], settings.get("impacts")
        parameters = self.parameters | ({"impact": impacts} if impacts else {})
        label = {"label": LABELS[sampler]} if sampler in LABELS else {}
        made = provenance(system=self.kind, parameters=parameters, sampler=sampler, seed=seed, device="cpu")
        return made | label

    def _record(self, path: Path, sampler: str, complete: bool = True) -> dict[str, Any]:
        """What is said of an ensemble beside it."""
        with open_events(path) as file:
            samples = len(file)
        record = {"sampler": sampler, "samples": samples, "tau_int": 0.5, "equilibrated": True}
        return record | self._conserved(path, complete)

    def _conserved(self, path: Path, complete: bool = True) -> dict[str, Any]:
        """Mean and standard deviation over events of the sums of momenta, energy and charges."""
        with open_events(path) as file:
            totals = np.concatenate([event_totals(part) for part in file.chunks()])
        for name, charge in self.charges.items() if complete else ():
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

    def exact_values(self) -> list[dict[str, Any]]:
        """Nothing that is not the same in every event."""
        return []
