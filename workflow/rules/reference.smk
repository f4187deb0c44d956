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
        experiment=rf"(?!(?:{experiments_of_kind('collision')})/)\w+",
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


use rule reference as events with:
    output:
        ensemble="results/{scale}/{experiment}/{role}.parquet",
        facts="results/{scale}/{experiment}/{role}.events.parquet",
        diagnostics="results/{scale}/{experiment}/{role}.json",
        cost="results/{scale}/{experiment}/cost/{role}.json",
    wildcard_constraints:
        experiment=experiments_of_kind("collision"),
    threads: 2
