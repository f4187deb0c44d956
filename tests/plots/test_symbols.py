from matplotlib.mathtext import MathTextParser

from emulant.contracts.declaration import system_kinds
from emulant.contracts.observable import Observable
from emulant.plots.symbols import (
    html_from_latex,
    parameter,
    set_html,
    set_text,
    symbol,
    symbol_html,
    symbol_text,
)
from emulant.systems import observables_of

KNOWN = observables_of("phi4")


def observable(name, latex):
    return Observable(name=name, symbol=latex, description="", primaries=None, value=None)


def test_parameters_are_written_in_greek_and_words():
    written = [parameter(name) for name in ("beta2", "beta4_partner", "nucleon_width", "norm", "eta")]
    assert written == ["β₂", "β₄ partner", "nucleon width", "norm", "η"]


def test_the_index_takes_the_place_of_its_letter():
    assert symbol(KNOWN["kappa"], 4) == r"\kappa_4"
    assert symbol(KNOWN["kappa_ratio"], 8) == r"\kappa_8 / \kappa_2^{4}"
    assert symbol(KNOWN["correlator"], 12) == "G({12})"
    assert symbol(KNOWN["binder"], 0) == "U_L"


def test_html_of_symbols():
    assert html_from_latex(r"\langle \phi^2 \rangle") == "⟨φ<sup>2</sup>⟩"
    assert html_from_latex(r"v_2\{4\}") == "<i>v</i><sub>2</sub>{4}"
    assert html_from_latex(r"\chi_\rho") == "χ<sub>ρ</sub>"
    assert symbol_html("kappa_ratio", 6, KNOWN) == "κ<sub>6</sub>/κ<sub>2</sub><sup>3</sup>"


def test_what_has_no_symbol_keeps_its_name_and_is_escaped():
    assert symbol_text("sign_balance", 0, KNOWN) == "sign balance"
    assert symbol_html("a<b", 3, KNOWN) == "a&lt;b 3"


def test_two_systems_give_the_same_name_symbols_of_their_own():
    field, spins = (
        {"abs_magnetisation": observable("abs_magnetisation", latex)}
        for latex in (r"\langle|M|\rangle", r"\langle|s|\rangle")
    )
    assert symbol_text("abs_magnetisation", None, field) == r"$\langle|M|\rangle$"
    assert symbol_text("abs_magnetisation", None, spins) == r"$\langle|s|\rangle$"
    assert symbol_html("abs_magnetisation", 0, spins) == "⟨|<i>s</i>|⟩"


def test_every_observable_can_be_written():
    for kind in system_kinds():
        observables = observables_of(kind)
        for name, observable in observables.items():
            indices = observable.indices((4, 4, 4)) if observable.member else (4,)
            for index in {indices[0], indices[-1], None}:
                MathTextParser("path").parse(symbol_text(name, index, observables))
                page = symbol_html(name, indices[0] if index is None else index, observables)
                assert not {"\\", "$"} & set(page)


def test_members_of_events_are_species_bins_and_pairs():
    events = observables_of("collision")
    assert symbol_html("mean_pt", -211, events).endswith("⟩(π<sup>−</sup>)")
    assert symbol_html("species_covariance", 103, events) == "cov(n,π<sup>−</sup>)"
    assert symbol_html("rapidity_proton", 1, events).endswith("<i>y</i>=−2.2")
    assert symbol_text("pt_kaon_plus", 1, events) == r"$dN/dp_T(K^{+}),\,p_T=0.05\,\mathrm{GeV}$"
    assert symbol_html("sum_baryon", 2, events) == "σ(<i>B</i>)"
    assert symbol_html("rare_mean", 0, events) == "⟨<i>N</i><sub>rare</sub>⟩"


def test_members_name_slices_and_links():
    slices, links = observables_of("charge_transport"), observables_of("complex_scalar")
    assert symbol_html("elliptic_flow", 0, slices).endswith("(0.4\u2009fm)")
    assert symbol_html("elliptic_flow", 7, slices).endswith("(decayed)")
    assert symbol_html("flux_law", 5, links) == "<i>P</i>(|<i>k</i><sub>2</sub>|=2)"


def test_sets_are_named_by_their_ends_and_large_ones_as_a_whole():
    assert set_text("kappa", [2, 4, 6, 8], KNOWN) == r"$\kappa_2$…$\kappa_8$"
    assert set_html("kappa", [4], KNOWN) == "κ<sub>4</sub>"
    assert set_text("correlator", range(9), KNOWN) == "$G(r)$"


def test_real_and_imaginary_parts_are_upright_in_figures_as_on_pages():
    planes = observables_of("complex_action")
    assert symbol_text("kappa_real", 4, planes) == r"$\mathrm{Re}\,\kappa_4$"
    assert symbol_html("kappa_imag", 4, planes).startswith("Im")
