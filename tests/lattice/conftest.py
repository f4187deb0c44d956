import numba
import pytest
import torch


@pytest.fixture(autouse=True)
def one_thread():
    """Small lattices on many threads spend their time waiting for each other."""
    torch.set_num_threads(1)
    numba.set_num_threads(1)
