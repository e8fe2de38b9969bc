"""Reads the schema notation: one field a line, `name type versions [?nullable] [#tag@versions] [=default] [flags]`.

Indentation nests; a `struct` line opens a structure that several fields of the message share.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

NO_VERSION = (0, -1)
LAST_VERSION = 32767


@dataclass
class Field:
    """One field. `type` is a primitive's or a structure's name, of the elements when `array` is set."""

    name: str
    type: str
    array: bool
    versions: tuple[int, int]
    nullable: tuple[int, int] = NO_VERSION
    tag: int = -1
    tagged: tuple[int, int] = NO_VERSION
    default: str | None = None
    ignorable: bool = False
    never_compact: bool = False


@dataclass
class Struct:
    """A structure: its fields in the order of the wire."""

    name: str
    fields: list[Field] = field(default_factory=list)


@dataclass
class Message:
    """A request, response, header, or record: its own fields, and the structures they use, the used ones first."""

    kind: str
    name: str
    api_key: int
    versions: tuple[int, int]
    flexible_since: int
    root: Struct
    structs: list[Struct]


def version_range(text: str) -> tuple[int, int]:
    """ "3+" -> (3, 32767), "1-6" -> (1, 6), "4" -> (4, 4), "none" -> nothing."""
    if text == "none":
        return NO_VERSION
    if text.endswith("+"):
        return int(text[:-1]), LAST_VERSION
    low, _, high = text.partition("-")
    return int(low), int(high or low)


def parse(text: str) -> list[Message]:
    """The messages of one schema file."""
    blocks = re.split(r"\n(?=\S)", text.strip())
    return [_message([line for line in block.split("\n") if line.strip()]) for block in blocks]


def _message(lines: list[str]) -> Message:
    words = [word for word in lines[0].split() if word != "latest-unstable"]
    options = dict(zip(words[2::2], words[3::2], strict=False))
    root = Struct(words[1])
    structs: dict[str, Struct] = {}
    _fields(lines[1:], root, structs)
    flexible = version_range(options["flexible"])
    return Message(
        words[0],
        words[1],
        int(options.get("api", -1)),
        version_range(options["versions"]),
        flexible[0] if flexible != NO_VERSION else LAST_VERSION,
        root,
        _used_first(root, structs),
    )


def _fields(lines: list[str], root: Struct, structs: dict[str, Struct]) -> None:
    """Fills `root` and `structs`; the stack holds the structure that each depth of indentation adds to."""
    stack: list[tuple[int, Struct]] = [(2, root)]
    for line in lines:
        depth = len(line) - len(line.lstrip())
        words = line.split()
        while stack[-1][0] > depth:
            stack.pop()
        if words[0] == "struct":
            structs[words[1]] = Struct(words[1])
            stack.append((depth + 2, structs[words[1]]))
            continue
        if depth > stack[-1][0]:
            parent = stack[-1][1].fields[-1].type
            structs[parent] = Struct(parent)
            stack.append((depth, structs[parent]))
        stack[-1][1].fields.append(_field(words))


def _field(words: list[str]) -> Field:
    array = words[1].startswith("[]")
    made = Field(words[0], words[1].removeprefix("[]"), array, version_range(words[2]))
    for word in words[3:]:
        if word.startswith("?"):
            made.nullable = version_range(word[1:])
        elif word.startswith("#"):
            tag, _, versions = word[1:].partition("@")
            made.tag, made.tagged = int(tag), version_range(versions)
        elif word.startswith("="):
            made.default = word[1:]
        elif word == "ignorable":
            made.ignorable = True
        elif word == "flexible:none":
            made.never_compact = True
        elif word != "key":
            raise ValueError(f"{words[0]}: unknown word {word}")
    return made


def _used_first(root: Struct, structs: dict[str, Struct]) -> list[Struct]:
    ordered: list[Struct] = []

    def visit(struct: Struct) -> None:
        for used in struct.fields:
            if used.type in structs and structs[used.type] not in ordered:
                visit(structs[used.type])
                ordered.append(structs[used.type])

    visit(root)
    return ordered
