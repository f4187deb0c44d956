for form in form_names():

    rule:
        """Make a generated ensemble exact, by Metropolis steps and by importance weights."""
        name:
            f"correct_{form}"
        input:
            **sample_files(form, "{model}/ensemble"),
            weights="results/{scale}/{experiment}/{model}/weights.safetensors",
            model="results/{scale}/{experiment}/{model}/model.json",
        output:
            **corrected_files(form, "metropolis"),
            **corrected_files(form, "weighted"),
            likelihood="results/{scale}/{experiment}/{model}/likelihood.csv",
            record="results/{scale}/{experiment}/{model}/correction.json",
            cost="results/{scale}/{experiment}/cost/{model}.correct.json",
        log:
            "logs/{scale}/{experiment}/{model}.correct.log",
        benchmark:
            "timings/{scale}/{experiment}/{model}.correct.tsv"
        wildcard_constraints:
            experiment=experiments_of_form(form),
        conda:
            "../../envs/main.yaml"
        threads: 1
        resources:
            gpu=gpus,
            mem_mb=memory,
            runtime=minutes,
        params:
            system=system_of,
            correction=correction_of,
            seed=seed_of("correct"),
            code=code_of("correct.py", "system", "form", "family"),
        script:
            "../scripts/correct.py"
