"""Symbols of observables, for figures (mathtext) and for pages (HTML); the symbols live with the observables."""

import html
import re
import unicodedata
from collections.abc import Mapping, Sequence

from emulant.contracts.observable import Observable

__all__ = ["html_from_latex", "parameter", "set_html", "set_text", "symbol", "symbol_html", "symbol_text"]

FEW = 6
"""A larger set is written by its symbol alone, not by its first and last member."""

SIGNS = {
    r"\langle": "⟨",
    r"\rangle": "⟩",
    r"\partial": "∂",
    r"\,": "\u2009",
    r"\{": "{",
    r"\}": "}",
    r"\sqrt": "√",
    r"\sum": "Σ",
    r"\infty": "∞",
    r"\Re": "Re",
    r"\Im": "Im",
}
TOKEN = re.compile(
    r"\\(?:tilde|bar)\s*(?:\\[A-Za-z]+|\{\\?\w+\}|\w)|\\mathrm\{\w+\}"
    r"|\\[A-Za-z]+|\\[,{}]|[_^]\{(?:[^{}]|\{[^{}]*\})*\}|[_^]\\[A-Za-z]+|[_^].|[A-Za-z]|."
)
INDEX = re.compile(r"(?<![A-Za-z\\])(?<!mathrm\{)[nrk](?![A-Za-z])")
SPELLED = {"frechet": "Fréchet"}
LETTERS = ("ALPHA", "BETA", "GAMMA", "DELTA", "ETA", "THETA", "KAPPA", "MU", "SIGMA", "TAU")
ACCENTS = {r"\tilde": "\u0303", r"\bar": "\u0304"}


GREEK = {name.lower(): unicodedata.lookup(f"GREEK SMALL LETTER {name}") for name in LETTERS}
GREEK["lambda"] = unicodedata.lookup("GREEK SMALL LETTER LAMDA")
SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


def parameter(name: str) -> str:
    """Write the name of a parameter in words: Greek letters as such, numbers behind them below, blanks for underscores."""
    words = []
    for word in name.split("_"):
        letters = word.rstrip("0123456789")
        written = GREEK.get(letters)
        words.append(written + word[len(letters) :].translate(SUBSCRIPTS) if written else word)
    return " ".join(words)


def symbol(observable: Observable, index: int | None = None) -> str:
    """LaTeX of an observable, with its index n, r or k filled in."""
    if index is None:
        return observable.symbol
    if observable.member is not None:
        return observable.member(index)
    halved = observable.symbol.replace("{n/2}", f"{{{index // 2}}}")
    return INDEX.sub(lambda _: str(index) if 0 <= index < 10 else f"{{{index}}}", halved)


def symbol_text(name: str, index: int | None, observables: Mapping[str, Observable]) -> str:
    """The symbol for a figure; the plain name, with its index, of what is none of the system's observables."""
    if name not in observables:
        return _plain(name, index)
    latex = symbol(observables[name], index)
    for fraktur in (r"\Re", r"\Im"):
        latex = latex.replace(fraktur, rf"\mathrm{{{fraktur[1:]}}}")
    return f"${latex}$"


def symbol_html(name: str, index: int | None, observables: Mapping[str, Observable]) -> str:
    """The symbol for a page, as HTML."""
    if name not in observables:
        return html.escape(_plain(name, index))
    return html_from_latex(symbol(observables[name], index))


def set_text(name: str, indices: Sequence[int], observables: Mapping[str, Observable]) -> str:
    """The symbols of a set that is judged together, for a figure: the first and the last of a few, else the set's."""
    return "…".join(symbol_text(name, index, observables) for index in _ends(indices))


def set_html(name: str, indices: Sequence[int], observables: Mapping[str, Observable]) -> str:
    """The symbols of a set that is judged together, for a page."""
    return "…".join(symbol_html(name, index, observables) for index in _ends(indices))


def _ends(indices: Sequence[int]) -> list[int | None]:
    """First and last index of a few, none for the symbol of all."""
    if len(indices) > FEW:
        return [None]
    return [min(indices), max(indices)][: len(indices)]


def html_from_latex(latex: str) -> str:
    """Letters, Greek, brackets, indices and exponents of one line of LaTeX as HTML."""
    return "".join(_html(match[0]) for match in TOKEN.finditer(latex) if not match[0].isspace())


def _html(token: str) -> str:
    for accent, mark in ACCENTS.items():
        if token.startswith(accent):
            return f"{_html(token.removeprefix(accent).strip(' {}'))}{mark}"
    if token.startswith(r"\mathrm"):
        return html.escape(token.removeprefix(r"\mathrm").strip("{}"))
    if token in SIGNS:
        return SIGNS[token]
    if token.startswith("\\"):
        size = "CAPITAL" if token[1].isupper() else "SMALL"
        name = token[1:].upper().replace("LAMBDA", "LAMDA")
        return unicodedata.lookup(f"GREEK {size} LETTER {name}")
    if token[0] in "_^":
        tag = "sub" if token[0] == "_" else "sup"
        return f"<{tag}>{html_from_latex(_bare(token[1:]))}</{tag}>"
    return f"<i>{token}</i>" if token.isalpha() else html.escape(token).replace("-", "−")


def _bare(group: str) -> str:
    """What stands in a pair of braces."""
    return group[1:-1] if group.startswith("{") else group


def _plain(name: str, index: int | None) -> str:
    words = " ".join(SPELLED.get(word, parameter(word)) for word in name.split("_"))
    return words + (f" {index}" if index else "")
