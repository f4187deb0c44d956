def ensembles_of(wildcards):
    """Files of all ensembles of an experiment by source."""
    folder = f"results/{wildcards.scale}/{wildcards.experiment}"
    files = {"reference": f"{folder}/reference.h5", "training": f"{folder}/training.h5"}
    for model in models_of(wildcards):
        files[model] = f"{folder}/{model}/ensemble.h5"
    for model in corrected_models_of(wildcards):
        for correction in ("metropolis", "weighted"):
            files[f"{model}_{correction}"] = f"{folder}/{model}/ensemble_{correction}.h5"
    return files


def sources_of_experiment(wildcards):
    return list(ensembles_of(wildcards))


def paths_of(wildcards):
    models = settings_of(wildcards.experiment, wildcards.scale)["models"]
    return {name: models[name]["path"] for name in corrected_models_of(wildcards)}


rule measure:
    input:
        unpack(ensembles_of),
    output:
        observables="results/{scale}/{experiment}/observables.csv",
        parquet="results/{scale}/{experiment}/observables.parquet",
        jackknife="results/{scale}/{experiment}/observables.jackknife.h5",
        distributions="results/{scale}/{experiment}/distributions.csv",
        forward="results/{scale}/{experiment}/forward.csv",
    log:
        "logs/{scale}/{experiment}/measure.log",
    benchmark:
        "timings/{scale}/{experiment}/measure.tsv"
    conda:
        "../../envs/main.yaml"
    threads: 1
    resources:
        gpu=0,
        mem_mb=memory,
        runtime=minutes,
    params:
        experiment="{experiment}",
        system=system_of,
        paths=paths_of,
        seed=seed_of("measure"),
        code=system_code("emulant.judging.measure", "emulant.judging.histograms", "emulant.lattice.observables"),
    script:
        "../scripts/measure.py"
