"""What one experiment at one scale consists of: its sources, its studies, and the files of each."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from emulant.contracts.declaration import declared_family, declared_form, declared_system
from emulant.contracts.source import CORRECTIONS, REFERENCE, TRAINING, Source

__all__ = ["Plan"]


@dataclass(frozen=True)
class Plan:
    """The files of an experiment.

    Arguments:
        settings: merged and checked, as of `load_experiment`.
        folder: results/<scale>/<experiment>.
    """

    settings: Mapping[str, Any]
    folder: str

    @property
    def kind(self) -> str:
        """The kind of the system."""
        return self.settings["system"]["kind"]

    @property
    def form(self) -> str:
        """The form of the samples."""
        return declared_system(self.kind)["form"]

    @property
    def models(self) -> dict[str, dict[str, Any]]:
        """Settings of the models by name, further trainings among them."""
        return self.settings["models"]

    def family(self, model: str) -> dict[str, Any]:
        """What the family of a model declares."""
        return declared_family(self.models[model]["family"])

    def source(self, model: str) -> Source:
        """The raw ensemble of a model: a further training is a variant of the first."""
        return Source.of(self.models[model])

    def trained_on_samples(self) -> bool:
        """Whether any model needs the training ensemble."""
        return any(self.family(model)["needs"] != "action" for model in self.models)

    def training(self, model: str) -> list[str]:
        """The training ensemble, for a model that needs it."""
        return [] if self.family(model)["needs"] == "action" else [self.samples("training")]

    def held_out(self, model: str) -> list[str]:
        """The reference, whose inputs a model of pairs is shown."""
        return [self.samples("reference")] if self.family(model)["needs"] == "pairs" else []

    def corrected(self) -> list[str]:
        """Models of which corrected ensembles are made."""
        return [name for name, model in self.models.items() if model["corrected"]]

    def variants(self) -> list[tuple[str, str]]:
        """Model and variant of further ensembles that families declare and the generation block asks for."""
        return [
            (name, variant)
            for name, model in self.models.items()
            for variant in self.family(name)["variants"]
            if model["generation"].get(variant)
        ]

    def samples(self, name: str) -> str:
        """A file of samples in the folder."""
        return f"{self.folder}/{name}.{declared_form(self.form)['suffix']}"

    def companions(self, files: Iterable[str]) -> list[str]:
        """What lies beside files of samples of this form, a user's own included, and is read with them."""
        form = declared_form(self.form)
        stems = [stem for file in files if (stem := file.removesuffix(f".{form['suffix']}")) != file]
        return [f"{stem}.{suffix}" for stem in stems for suffix in form["companions"].values()]

    def ensembles(self) -> dict[Source, str]:
        """Files of all ensembles by source: reference, training, models, their corrections, their variants."""
        files = {REFERENCE: self.samples("reference")}
        if self.trained_on_samples():
            files[TRAINING] = self.samples("training")
        files |= {self.source(model): self.samples(f"{model}/ensemble") for model in self.models}
        further = [(model, correction) for model in self.corrected() for correction in CORRECTIONS]
        for model, variant in [*further, *self.variants()]:
            files[Source(model, variant)] = self.samples(f"{model}/ensemble_{variant}")
        return files

    def yardsticks(self) -> list[Source]:
        """Sources that are shown and not judged."""
        shown = [self.source(name) for name, model in self.models.items() if model.get("yardstick")]
        shown += [Source(model, variant) for model, variant in self.variants()]
        # Training samples under other conditions than the reference's have other means.
        elsewhere = self.trained_on_samples() and bool(self.settings.get("conditions"))
        return shown + [TRAINING] * elsewhere

    def paths(self) -> dict[str, dict[str, Any]]:
        """Probability paths of the models that are judged."""
        return {
            name: model["path"]
            for name, model in self.models.items()
            if "path" in model and not model.get("yardstick")
        }

    def studies(self) -> dict[str, tuple[str, dict[str, Any]]]:
        """Files of all studies without suffix -> name, declaration: those of the system, then those of families."""
        studies = {}
        for name, study in self._wanted(declared_system(self.kind)["studies"]).items():
            owners = [f"{model}/" for model in self.models] if study.get("models") == "each" else [""]
            # A table of all models is about them: without any there is nothing to compare.
            studies |= {f"{owner}{name}": (name, study) for owner in owners}
        for model in self.models:
            wanted = self._wanted(self.family(model)["studies"]).items()
            studies |= {f"{model}/{name}": (name, study) for name, study in wanted}
        return studies

    def _wanted(self, declared: Mapping[str, Any]) -> dict[str, Any]:
        """Those of declared studies that no request is needed for, or that the experiment names."""
        asked = self.settings.get("studies", {})
        return {
            name: study for name, study in declared.items() if name in asked or not study.get("on_request")
        }

    def study_settings(self, name: str, study: Mapping[str, Any]) -> dict[str, Any]:
        """Settings of a study, defaults filled in."""
        keys = study.get("properties", {}).items()
        defaults = {key: schema["default"] for key, schema in keys if "default" in schema}
        return defaults | self.settings.get("studies", {}).get(name, {})

    def exact_tables(self) -> list[str]:
        """Tables of the studies from which the system reads exact values."""
        return [
            f"{self.folder}/{file}.csv" for file, (_, study) in self.studies().items() if study.get("exact")
        ]

    def shown(self) -> list[str]:
        """Every file that figures and the report are made from."""
        names = ("observables", "comparison", "verdict", "two_sample", "distributions", "forward")
        files = [f"{self.folder}/reference.json", *(f"{self.folder}/{name}.csv" for name in names)]
        files += self.ensembles().values()
        tables = ("training.csv", *declared_form(self.form)["generated"].values())
        files += [f"{self.folder}/{model}/{table}" for model in self.models for table in tables]
        for model in self.corrected():
            files += [f"{self.folder}/{model}/likelihood.csv", f"{self.folder}/{model}/correction.json"]
        return files + [
            f"{self.folder}/{file}.{suffix}" for file in self.studies() for suffix in ("csv", "json")
        ]

    def costs(self) -> list[str]:
        """Records of what the jobs cost, by name."""
        names = ["reference", *(["training"] if self.trained_on_samples() else [])]
        names += [f"{model}.{stage}" for model, stage in self._stages()]
        return sorted(f"{self.folder}/cost/{name}.json" for name in names)

    def _stages(self) -> Iterator[tuple[str, str]]:
        for name, model in self.models.items():
            stages = ("train", "generate", "correct") if model["corrected"] else ("train", "generate")
            yield from ((name, stage) for stage in stages)
        yield from self.variants()
