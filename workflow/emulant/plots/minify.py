"""SVG as small as it can be without a visible change."""

import re

__all__ = ["minified"]

UNSEEN = re.compile(r"<\?xml.*?\?>|<!DOCTYPE.*?>|<!--.*?-->|<metadata>.*?</metadata>|<title/>", re.DOTALL)
DECIMALS = re.compile(r"-?\d+\.\d{3,}")
BETWEEN, WITHIN = re.compile(r">\s+<"), re.compile(r"\s*\n\s*")


def minified(svg: str) -> str:
    """Leave out comments, metadata and blanks, and round coordinates to a hundredth of a point."""
    small = UNSEEN.sub("", svg)
    small = DECIMALS.sub(_rounded, small)
    return WITHIN.sub(" ", BETWEEN.sub("><", small)).strip() + "\n"


def _rounded(number: re.Match[str]) -> str:
    """Two decimals; of scales, which are below 1, four digits, as they act on large numbers."""
    value = float(number[0])
    shown = f"{value:.4f}" if abs(value) < 1 else f"{value:.2f}"
    shortest = shown.rstrip("0").rstrip(".")
    return "0" if shortest == "-0" else shortest
