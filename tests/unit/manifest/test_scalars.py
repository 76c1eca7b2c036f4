"""Plain scalars against the expressions of YAML 1.2.2, chapter 10.3.2, copied by hand."""

from __future__ import annotations

import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nicobatch.manifest.document import Scalar, resolve
from nicobatch.manifest.yaml12 import parse

CORE = (
    (r"null|Null|NULL|~", type(None)),
    (r"true|True|TRUE|false|False|FALSE", bool),
    (r"[-+]?[0-9]+", int),
    (r"0o[0-7]+", int),
    (r"0x[0-9a-fA-F]+", int),
    (r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", float),
    (r"[-+]?(\.inf|\.Inf|\.INF)", float),
    (r"\.nan|\.NaN|\.NAN", float),
)
LIKELY = st.text(alphabet="0123456789+-.eExXoabfnulTtRrUuEeAaLlSsIiNny~_:", min_size=1, max_size=8)


def core_type(text: str) -> type:
    return next((kind for pattern, kind in CORE if re.fullmatch(pattern, text, re.ASCII)), str)


@given(LIKELY | st.one_of(*(st.from_regex(each, fullmatch=True) for each, _ in CORE)))
def test_a_scalar_has_the_type_of_the_core_schema(text: str) -> None:
    if len(text) < 1000:
        assert type(resolve(text)) is core_type(text)


@given(st.text(alphabet="0123456789+-.eExofnulTtrueFalsN~_", min_size=1, max_size=8))
def test_a_scalar_in_a_manifest_is_read_alike(text: str) -> None:
    document, faults = parse(f"key: {text}\n")
    if document is None:
        assert faults
    elif isinstance(document.data, dict) and not text.startswith("-"):
        value = document.data["key"]
        assert type(value) is core_type(text)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", None),
        ("0o17", 15),
        ("0x1F", 31),
        ("010", 10),
        ("-7", -7),
        ("1e3", 1000.0),
        ("-.INF", -math.inf),
        *((each, each) for each in ("1:30", "no", "on", "2026-01-02", "1_000", "=", "<<", "0b1")),
        ("9" * 5000, "9" * 5000),
    ],
)
def test_a_scalar_has_the_value_of_the_core_schema(text: str, value: Scalar) -> None:
    assert resolve(text) == value
