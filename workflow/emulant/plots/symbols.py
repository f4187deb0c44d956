"""Symbols of observables, for figures (mathtext) and for pages (HTML); the symbols live with the observables."""

import html
import re
import unicodedata
from collections.abc import Mapping

from emulant.contracts.observable import Observable

__all__ = ["html_from_latex", "symbol", "symbol_html", "symbol_text"]

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
    r"\\(?:tilde|bar)\s*(?:\\[A-Za-z]+|\{\w+\}|\w)|\\mathrm\{\w+\}"
    r"|\\[A-Za-z]+|\\[,{}]|[_^]\{[^}]*\}|[_^]\\[A-Za-z]+|[_^].|[A-Za-z]|."
)
INDEX = re.compile(r"(?<![A-Za-z\\])(?<!mathrm\{)[nrk](?![A-Za-z])")
ACCENTS = {r"\tilde": "\u0303", r"\bar": "\u0304"}


def symbol(observable: Observable, index: int | None = None) -> str:
    """LaTeX of an observable, with its index n, r or k filled in."""
    if index is None:
        return observable.symbol
    halved = observable.symbol.replace("{n/2}", f"{{{index // 2}}}")
    return INDEX.sub(lambda _: str(index) if index < 10 else f"{{{index}}}", halved)


def symbol_text(name: str, index: int | None, observables: Mapping[str, Observable]) -> str:
    """The symbol for a figure; the plain name, with its index, of what is none of the system's observables."""
    return f"${symbol(observables[name], index)}$" if name in observables else _plain(name, index)


def symbol_html(name: str, index: int | None, observables: Mapping[str, Observable]) -> str:
    """The symbol for a page, as HTML."""
    if name not in observables:
        return html.escape(_plain(name, index))
    return html_from_latex(symbol(observables[name], index))


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
        return f"<{tag}>{html_from_latex(token[1:].strip('{}'))}</{tag}>"
    return f"<i>{token}</i>" if token.isalpha() else html.escape(token)


def _plain(name: str, index: int | None) -> str:
    return name.replace("_", " ") + (f" {index}" if index else "")
