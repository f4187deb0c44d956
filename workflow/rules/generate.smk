MODEL = f"{FOLDER}/{{model}}"


for form in form_names():

    rule:
        """Sample a trained model."""
        name:
            f"generate_{form}"
        input:
            weights="results/{scale}/{experiment}/{model}/weights.safetensors",
            model="results/{scale}/{experiment}/{model}/model.json",
            held_out=held_out_of,
            companions=companions_of_held_out,
        output:
            **sample_files(form, "{model}/ensemble"),
            **{
                key: f"{MODEL}/{file}"
                for key, file in declared_form(form)["generated"].items()
            },
            cost="results/{scale}/{experiment}/cost/{model}.generate.json",
        log:
            "logs/{scale}/{experiment}/{model}.generate.log",
        benchmark:
            "timings/{scale}/{experiment}/{model}.generate.tsv"
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
            settings=model_of,
            seed=seed_of("generate"),
            code=code_of("generate.py", "system", "form", "family"),
        script:
            "../scripts/generate.py"

    # The same samples, without a step that the family can leave out, or with one that it can add.
    rule:
        """Sample a trained model without a step of its generation, or with another."""
        name:
            f"generate_variant_{form}"
        input:
            weights="results/{scale}/{experiment}/{model}/weights.safetensors",
            model="results/{scale}/{experiment}/{model}/model.json",
            held_out=held_out_of,
            companions=companions_of_held_out,
        output:
            **sample_files(form, "{model}/ensemble_{variant}"),
            cost="results/{scale}/{experiment}/cost/{model}.{variant}.json",
        log:
            "logs/{scale}/{experiment}/{model}.{variant}.log",
        benchmark:
            "timings/{scale}/{experiment}/{model}.{variant}.tsv"
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
            variant="{variant}",
            system=system_of,
            settings=model_of,
            seed=seed_of("generate", "variant"),
            code=code_of("generate.py", "system", "form", "family"),
        script:
            "../scripts/generate.py"
