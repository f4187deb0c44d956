"""Batches of samples, of pairs and of nothing."""

import torch

from emulant.contracts.family import Examples
from emulant.training.batches import Batches

CPU = torch.device("cpu")


def seeded():
    return torch.Generator().manual_seed(1)


def test_held_out_rows_are_in_no_batch():
    batches = Batches(Examples(torch.arange(100.0)), 0.1, (), CPU)
    drawn = torch.cat([batches.drawn(50, seeded()) for _ in range(5)])
    assert drawn.min() >= 10
    assert torch.cat(batches.validation(4)).tolist() == list(range(10))
    assert [len(chunk) for chunk in batches.validation(4)] == [4, 4, 2]


def test_pairs_stay_together():
    inputs = torch.arange(40.0)
    batches = Batches(Examples((inputs, inputs**2)), 0.1, (), CPU)
    one, two = batches.drawn(16, seeded())
    torch.testing.assert_close(two, one**2)
    (held_out,) = batches.validation(8)
    assert [len(part) for part in held_out] == [4, 4]


def test_a_family_of_the_action_gets_empty_tensors():
    batches = Batches(Examples(None), 0.1, (), CPU)
    assert batches.drawn(16, seeded()).shape == (16, 0)
    assert [chunk.shape for chunk in batches.validation(8)] == [(8, 0)]


def test_a_target_of_all_samples_has_no_validation():
    batches = Batches(Examples(torch.arange(100.0), held_out=False), 0.1, (), CPU)
    assert batches.validation(4) == []
