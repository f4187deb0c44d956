for form in form_names():

    rule:
        """Draw the trusted ensemble, to judge by and to train on, or take it from a file."""
        name:
            f"reference_{form}"
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
        """Draw a part of a trusted ensemble."""
        name:
            f"shard_{form}"
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
