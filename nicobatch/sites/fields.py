"""What a site takes of a video, as data: a row a field, and its limits.

A site's options are a dataclass each of whose members is an `option` with its row: the manifest's
schema, `init`, checks, hints and the preview are made from these.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import MISSING, dataclass, field, fields, is_dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final, get_args, get_origin, get_type_hints

from nicobatch.language import N_
from nicobatch.model import Json, MediaInfo

YES_NO: Final = (N_("yes"), N_("no"))
_ROW: Final = "row"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much a site takes of one video; its own module names the evidence."""

    site: str
    """What people call it."""
    title: int
    """Characters."""
    description: int
    """Characters, as they are sent."""
    newline: int = 1
    """Characters that each newline of a description counts."""
    tags: int
    tag_width: int
    """Characters, of which a full-width one counts `wide`."""
    wide: int = 1
    picture: tuple[int, int] | None = None
    """Pixels, width and height, of a picture of its own that stands for a video; None where none is
    taken."""
    tag_blanks: bool = False
    """Whether blanks may stand inside a tag."""
    containers: frozenset[str]
    """Names of formats, as `MediaInfo` has them."""
    formats: str
    """What is said of a `file` in another one, `container`: a message."""
    file_size: int
    """Bytes, of a free account."""
    duration: int
    """Seconds, of a free account."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """Values that a site has names for."""

    labels: Mapping[str, str]
    """What the site calls each value that is known."""
    key: Callable[[str], str | None]
    """Returns the value that a value or label stands for, however written; None if unknown."""
    fits: Callable[[str], bool] = lambda value: False  # noqa: ARG005 - there are no others
    """Tells of an unknown value whether the site may have it all the same."""

    @property
    def names(self) -> Mapping[str, str]:
        """Return by value what people are told to write: the label of what is a bare number."""
        labels = self.labels.items()
        return {value: label if value.isdecimal() else value for value, label in labels}


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One row of what a video may have on a site."""

    name: str = ""
    """As manifests have it, dotted within a mapping: `series.id`."""
    kind: str = ""
    """The type that JSON Schema knows it by; empty for a common key, which is described once."""
    items: str = ""
    """That of a list's items; a list of mappings has rows."""
    default: Json = None
    """What holds where nothing is given, or an example; None of a mapping, which has rows."""
    is_example: bool = False
    is_required: bool = False
    """Whether the mapping around it makes no sense without it."""
    label: str = ""
    """What it is called: a message."""
    note: str
    """What it means, as `init` writes it beside the key: a message."""
    note_of: Callable[[MediaInfo], str] | None = None
    """Returns a message that says more than the note of a video whose file is known."""
    editors: tuple[str, str] = ("", "")
    """Title and description in JSON Schema: messages; else label and note."""
    schema: Mapping[str, Json] = field(default_factory=dict)
    """What JSON Schema says of it beside that: `pattern`, `maxLength`, `minimum`, `examples`."""
    rule: str = "unfit-value"
    """The rule that a text breaks which doesn't have the `pattern`."""
    words: tuple[str, str] = YES_NO
    """What true and false mean to people: messages."""
    show: Callable[[Any], str] | None = None
    """Puts a value into words, in the chosen language."""
    choices: Choices | None = None
    habits: tuple[str, ...] = ()
    """What other sites and tools call it, for what was meant by an unknown key."""
    after: str = "publish"
    """The common key that `init` has it behind."""
    is_ended: bool = False
    """Whether it is understood, and of no use there any more."""


_COMMON: Final[Mapping[str, Json]] = {
    "description": "",
    "tags": (),
    "publish": True,
    "pages": (),
    "allow_duplicate": False,
}
"""The common keys that have a default."""
_KINDS: Final[Mapping[type, str]] = {
    bool: "boolean",
    int: "integer",
    float: "number",
    str: "string",
    tuple: "array",
}


def option(*, default: Any = MISSING, default_factory: Any = MISSING, **row: Any) -> Any:
    """Return a member of a site's options, with its row; one without default is required.

    `row` has what `Field` has, and `example` for a default that is none. The type and the name are
    the member's own; with `within` it is no key itself, and its members are keys of that common
    mapping.
    """
    if default_factory is not MISSING:
        return field(default_factory=default_factory, metadata={_ROW: row})
    return field(default=default, metadata={_ROW: row})


def rows(
    options: type,
    notes: Mapping[str, str],
    habits: Mapping[str, tuple[str, ...]] = MappingProxyType({}),
) -> tuple[Field, ...]:
    """Return the rows of a site's options, among the common keys with its notes and habits."""
    own = list(_rows(options))
    behind = {each.name: each.after for each in own if "." not in each.name}
    found: list[Field] = []
    for name, note in notes.items():
        found.append(
            Field(name=name, default=_COMMON[name], note=note, habits=habits.get(name, ()))
        )
        found += (each for each in own if behind.get(_around(each), each.after) == name)
    return tuple(found)


def _around(field: Field) -> str:
    return field.name.partition(".")[0]


def _rows(options: Any, prefix: str = "") -> Iterator[Field]:
    hints = get_type_hints(options)
    for each in fields(options):
        if _ROW not in each.metadata:
            continue
        row = dict(each.metadata[_ROW])
        kind, items = _types(hints[each.name])
        has_value = isinstance(each.default, bool | int | float | str | tuple)
        default = each.default if has_value else None
        common = row.pop("within", "")
        name = f"{prefix}{common or each.name}"
        if not common:
            yield Field(
                name=name,
                kind=_kind(kind),
                items=_kind(items) if items else "",
                is_required=each.default is each.default_factory is MISSING,
                is_example="example" in row,
                default=row.pop("example", default),
                **row,
            )
        if is_dataclass(items or kind):
            yield from _rows(items or kind, f"{name}.")


def _types(hint: Any) -> tuple[Any, Any]:
    """Return the type of a member, None aside, and that of its items if it is a list."""
    if get_origin(hint) is tuple:
        return tuple, get_args(hint)[0]
    if isinstance(get_origin(hint), type) and issubclass(get_origin(hint), Mapping):
        return dict, None
    wanted = [each for each in get_args(hint) if each is not type(None)]
    return (wanted[0] if wanted else hint), None


def _kind(kind: Any) -> str:
    return next((name for each, name in _KINDS.items() if issubclass(kind, each)), "object")


def maker(options: Any) -> Callable[[Mapping[str, Any]], Any]:
    """Return what makes a site's options of a manifest's data whose types are right."""
    hints = get_type_hints(options)
    made = {
        each.name: (
            each.metadata[_ROW].get("within", each.name),
            _converter(*_types(hints[each.name]), each.metadata[_ROW].get("choices")),
        )
        for each in fields(options)
        if _ROW in each.metadata
    }

    def make(data: Mapping[str, Any]) -> Any:
        found = {name: (data.get(key), final) for name, (key, final) in made.items()}
        given = {name: final(value) for name, (value, final) in found.items() if value is not None}
        return options(**given)

    return make


def _converter(kind: Any, items: Any, choices: Choices | None) -> Callable[[Any], Any]:
    final: Callable[[Any], Any] = lambda value: value  # noqa: E731 - one of several
    if items:
        each = _converter(items, None, None)
        final = lambda value: tuple(map(each, value))  # noqa: E731
    elif is_dataclass(kind):
        final = maker(kind)
    elif kind is int or kind is float or issubclass(kind, StrEnum):
        final = kind
    if not choices:
        return final
    return lambda value: final(choices.key(str(value)) or value)
