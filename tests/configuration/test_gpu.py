import pytest

from emulant.configuration.gpu import fallback


@pytest.mark.parametrize("device", ["nvidia0", "kfd"])
def test_a_warning_where_a_gpu_is_wanted_and_missing(tmp_path, device):
    wants = [{"job": {"gpus": 0}}, {"job": {"gpus": 1}}]
    (tmp_path / "nvidiactl").touch()
    assert "scale paper wants a GPU" in fallback(wants, "paper", tmp_path)
    assert fallback(wants[:1], "smoke", tmp_path) == ""
    (tmp_path / device).touch()
    assert fallback(wants, "paper", tmp_path) == ""
