import pytest

from emulant.configuration.layers import Layer, merged, origin
from emulant.errors import InputError
from emulant.storage.yaml_files import read_yaml


def test_blocks_are_merged_and_lists_replaced():
    base = {"a": {"b": 1, "c": [1, 2]}, "d": 3}
    assert merged(base, {"a": {"c": [5]}}, {"d": {"e": 1}}) == {"a": {"b": 1, "c": [5]}, "d": {"e": 1}}
    assert base == {"a": {"b": 1, "c": [1, 2]}, "d": 3}


def test_the_origin_is_the_last_that_set_it():
    layers = [Layer("one", {"a": {"b": 1}}), Layer("two", {"a": {"c": [1, 2]}}), Layer("three", {}, ("x",))]
    assert origin(layers, ["a", "b"]) == ("one", "a.b")
    assert origin(layers, ["a", "c", 1]) == ("two", "a.c.1")
    assert origin(layers, ["a", "missing"]) == ("two", "a.missing")
    assert origin(layers, ["missing"]) == ("two", "missing")


def test_numbers_are_numbers(tmp_path):
    (tmp_path / "a.yaml").write_text("{a: 1e-3, b: 1.5E+2, c: 7, d: 1e3x, e: .5e1, f: -2e6}")
    assert read_yaml(tmp_path / "a.yaml") == {"a": 1e-3, "b": 150.0, "c": 7, "d": "1e3x", "e": 5.0, "f": -2e6}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a: 1\nb: [1", "line [23]: expected valid YAML"),
        ("a: 1\nb: 2\na: 3", "line 3: expected valid YAML, got the key a twice"),
        ("- a", "a mapping of keys to values, got list"),
        ("", "a mapping of keys to values"),
    ],
)
def test_broken_files(tmp_path, text, words):
    (tmp_path / "a.yaml").write_text(text)
    with pytest.raises(InputError, match=words) as caught:
        read_yaml(tmp_path / "a.yaml")
    assert "\n" not in str(caught.value)


def test_a_missing_file_names_its_neighbours(tmp_path):
    (tmp_path / "a.yaml").write_text("a: 1")
    with pytest.raises(InputError, match="one of a, got no such file"):
        read_yaml(tmp_path / "b.yaml")
