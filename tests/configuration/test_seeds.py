from emulant.randomness.seeds import job_seed


def test_seeds_depend_on_root_and_identity_alone():
    words = (("a", "b"), ("b", "a"), ("ab",), ("a", "c"))
    seeds = {job_seed(root, *identity) for root in (1, 2) for identity in words}
    assert len(seeds) == 8
    assert all(0 <= seed < 2**63 for seed in seeds)
    assert job_seed(1, "a") == job_seed(1, "a")


def test_seeds_are_the_same_on_every_machine():
    assert job_seed(20261124, "train", "model=ve_diffusion") == 3810333820654548622
