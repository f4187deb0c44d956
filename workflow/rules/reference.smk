rule reference:
    input:
        file_of_reference,
    output:
        ensemble="results/{scale}/{experiment}/{role}.h5",
        diagnostics="results/{scale}/{experiment}/{role}.json",
        cost="results/{scale}/{experiment}/cost/{role}.json",
    log:
        "logs/{scale}/{experiment}/{role}.log",
    benchmark:
        "timings/{scale}/{experiment}/{role}.tsv"
    wildcard_constraints:
        experiment=experiments_but_of_kind("collision"),
    conda:
        "../../envs/main.yaml"
    threads: 1
    resources:
        gpu=gpu_of_references,
        mem_mb=memory_of_references,
        runtime=minutes_of_references,
    params:
        system=system_of,
        reference=reference_of,
        seed=seed_of("reference"),
        code=code_of("reference.py", "emulant.lattice.torch_spread", system=True),
        checkpoint="checkpoints/{scale}/{experiment}/{role}.npz",
    script:
        "../scripts/reference.py"


rule shard:
    output:
        ensemble=temp("results/{scale}/{experiment}/shards/{role}.{shard}.parquet"),
        facts=temp("results/{scale}/{experiment}/shards/{role}.{shard}.events.parquet"),
        cost=temp("results/{scale}/{experiment}/shards/{role}.{shard}.json"),
    log:
        "logs/{scale}/{experiment}/{role}.{shard}.log",
    benchmark:
        "timings/{scale}/{experiment}/{role}.{shard}.tsv"
    wildcard_constraints:
        experiment=experiments_of_kind("collision"),
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
        system=system_of,
        reference=reference_of,
        size=shard_size,
        seed=seed_of("reference", "shard"),
        code=code_of("shard.py", system=True),
        checkpoint="checkpoints/{scale}/{experiment}/{role}.npz",
    script:
        "../scripts/shard.py"


# What decides about the shards is among its params too: shards themselves are gone when it is done.
use rule reference as events with:
    input:
        file_of_reference,
        unpack(shards_of_reference),
    output:
        ensemble="results/{scale}/{experiment}/{role}.parquet",
        facts="results/{scale}/{experiment}/{role}.events.parquet",
        diagnostics="results/{scale}/{experiment}/{role}.json",
        cost="results/{scale}/{experiment}/cost/{role}.json",
    wildcard_constraints:
        experiment=experiments_of_kind("collision"),
