import io

from emulant.configuration.progress import NamedLines, job_name


def test_bars_become_lines_with_a_name():
    terminal = io.StringIO()
    lines = NamedLines(terminal, "toy train", every=0)
    for text in ("started\n", "\rbar:  10%", "\rbar:  ", "50%", "\rbar: 100%", "\n"):
        lines.write(text)
    assert terminal.getvalue().splitlines()[0] == "toy train | started"
    assert terminal.getvalue().splitlines()[-1] == "toy train | bar: 100%"


def test_a_fast_bar_shows_its_end_alone():
    terminal = io.StringIO()
    lines = NamedLines(terminal, "toy train", every=60)
    for text in ("\rbar:  10%", "\rbar: 100%", "\n", "\n"):
        lines.write(text)
    assert terminal.getvalue() == "toy train | bar: 100%\n"


def test_names_come_from_logs():
    assert job_name("logs/smoke/two_peak/vp_diffusion.train.log") == "two_peak vp_diffusion train"
    assert job_name("logs/paper/ledger.log") == "ledger"
    assert job_name("logs/paper/peaks_k0.26/vp.large.train.log") == "peaks_k0.26 vp.large train"
