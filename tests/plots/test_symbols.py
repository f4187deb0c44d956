from matplotlib.mathtext import MathTextParser

from emulant.observables import observables
from emulant.plots.symbols import html_from_latex, symbol, symbol_html, symbol_text


def test_the_index_takes_the_place_of_its_letter():
    assert symbol("kappa", 4) == r"\kappa_4"
    assert symbol("kappa_ratio", 8) == r"\kappa_8 / \kappa_2^{4}"
    assert symbol("correlator", 12) == "G({12})"
    assert symbol("binder", 0) == "U_L"


def test_html_of_symbols():
    assert html_from_latex(r"\langle \phi^2 \rangle") == "⟨φ<sup>2</sup>⟩"
    assert symbol_html("kappa_ratio", 6) == "κ<sub>6</sub>/κ<sub>2</sub><sup>3</sup>"


def test_what_has_no_symbol_keeps_its_name_and_is_escaped():
    assert symbol_text("sign_balance", 0) == "sign balance"
    assert symbol_html("a<b", 3) == "a&lt;b 3"


def test_every_observable_can_be_written():
    for name in observables():
        MathTextParser("path").parse(symbol_text(name, 4))
        assert "\\" not in symbol_html(name, 4)
