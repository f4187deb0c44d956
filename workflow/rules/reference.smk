def block_of_reference(wildcards):
    return settings_of(wildcards.experiment, wildcards.scale)["reference"]


def reference_of(wildcards):
    """The reference block with the number of samples, and the conditions, of this role alone."""
    settings = settings_of(wildcards.experiment, wildcards.scale)
    block = dict(settings["reference"])
    training = {"samples": block.pop("training_samples")}
    if "conditions" in settings:
        training["conditions"] = settings["conditions"]
    block.pop("shard", None)
    return {**block, **training} if wildcards.role == "training" else block


def shard_size(wildcards):
    """Samples that one job makes, or 0 where a single job makes all; what they are does not depend on it."""
    block = block_of_reference(wildcards)
    samplers = declared_system(system_of(wildcards)["kind"])["samplers"]
    keys = samplers[block["sampler"]].get("properties", {})
    return block.get("shard", keys.get("shard", {}).get("default", 0))


def shards_of_reference(wildcards):
    """Everything that the jobs of shards leave: samples, what lies beside them, and the cost of each."""
    size, form = shard_size(wildcards), plan_of(wildcards).form
    numbers = range(-(-reference_of(wildcards)["samples"] // size)) if size else []
    folder = f"results/{wildcards.scale}/{wildcards.experiment}/shards/{wildcards.role}"
    suffixes = {"shards": form.suffix, **form.companions, "costs": "json"}
    return {
        name: [f"{folder}.{number}.{suffix}" for number in numbers]
        for name, suffix in suffixes.items()
    }


def file_of_reference(wildcards):
    """The file that a user brings, if any."""
    block = block_of_reference(wildcards)
    return [block["file"]] if block["sampler"] == "file" else []


def settings_with_reference(wildcards):
    """Settings of all references of a scale, which ask for the same: a job array asks once for all its tasks."""
    names = {*experiments_of(wildcards.scale), wildcards.experiment}
    return [settings_of(name, wildcards.scale) for name in sorted(names)]


def gpu_of_references(wildcards):
    """Torch alone can use them."""
    asked = [
        settings["job"]["gpus"]
        for settings in settings_with_reference(wildcards)
        if settings["reference"].get("backend") == "torch"
    ]
    return max(asked, default=0)


def memory_of_references(wildcards, attempt):
    asked = (
        settings["job"]["mem_mb"] for settings in settings_with_reference(wildcards)
    )
    return max(asked) * attempt


def minutes_of_references(wildcards, attempt):
    asked = (
        settings["job"]["minutes"] for settings in settings_with_reference(wildcards)
    )
    return max(asked) * attempt


for form in FORMS:

    rule:
        name:
            f"reference_{form.name}"
        input:
            file_of_reference,
            unpack(shards_of_reference),
        output:
            **sample_files(form, "{role}"),
            diagnostics="results/{scale}/{experiment}/{role}.json",
            cost="results/{scale}/{experiment}/cost/{role}.json",
        log:
            "logs/{scale}/{experiment}/{role}.log",
        benchmark:
            "timings/{scale}/{experiment}/{role}.tsv"
        wildcard_constraints:
            experiment=experiments_of_form(form),
        conda:
            "../../envs/main.yaml"
        threads: 1
        resources:
            gpu=gpu_of_references,
            mem_mb=memory_of_references,
            runtime=minutes_of_references,
        params:
            role="{role}",
            system=system_of,
            reference=reference_of,
            seed=seed_of("reference"),
            code=code_of("reference.py", "system", "reference", "form"),
            checkpoint="checkpoints/{scale}/{experiment}/{role}.npz",
        script:
            "../scripts/reference.py"

    # What decides about the shards is among the params of the reference too: shards are gone when it is done.
    rule:
        name:
            f"shard_{form.name}"
        output:
            **{
                key: temp(file)
                for key, file in sample_files(form, "shards/{role}.{shard}").items()
            },
            cost=temp("results/{scale}/{experiment}/shards/{role}.{shard}.json"),
        log:
            "logs/{scale}/{experiment}/{role}.{shard}.log",
        benchmark:
            "timings/{scale}/{experiment}/{role}.{shard}.tsv"
        wildcard_constraints:
            experiment=experiments_of_form(form),
        # The longest way to the report goes first: everything else finds room beside it.
        priority: 1
        conda:
            "../../envs/main.yaml"
        threads: 1
        resources:
            gpu=0,
            mem_mb=memory_of_references,
            runtime=minutes_of_references,
        params:
            role="{role}",
            system=system_of,
            reference=reference_of,
            shard="{shard}",
            size=shard_size,
            seed=seed_of("reference", "shard"),
            code=code_of("shard.py", "system", "reference", "form"),
            checkpoint="checkpoints/{scale}/{experiment}/{role}.npz",
        script:
            "../scripts/shard.py"
