import pytest

from emulant.configuration.gpu import fallback, give


@pytest.mark.parametrize("device", ["nvidia0", "kfd"])
def test_a_warning_where_a_gpu_is_wanted_and_missing(tmp_path, device):
    wants = [{"job": {"gpus": 0}}, {"job": {"gpus": 1}}]
    (tmp_path / "nvidiactl").touch()
    assert "scale paper wants a GPU" in fallback(wants, "paper", tmp_path)
    assert fallback(wants[:1], "smoke", tmp_path) == ""
    (tmp_path / device).touch()
    assert fallback(wants, "paper", tmp_path) == ""


@pytest.mark.parametrize(
    ("visible", "gpus", "allotted"),
    [(None, 2, "0,1"), (None, 0, ""), ("2,3,5", 2, "2,3"), ("7", 4, "7"), ("", 1, "")],
)
def test_a_job_sees_as_many_gpus_as_it_was_given(visible, gpus, allotted):
    environment = {} if visible is None else {"CUDA_VISIBLE_DEVICES": visible}
    give(gpus, environment)
    assert environment == {"CUDA_VISIBLE_DEVICES": allotted}


def test_what_slurm_has_dealt_out_stays():
    environment = {"CUDA_VISIBLE_DEVICES": "1", "SLURM_JOB_ID": "7"}
    give(0, environment)
    assert environment["CUDA_VISIBLE_DEVICES"] == "1"
