"""Writes C++ from the messages: a struct a message, and the table by which the codec walks it."""

from __future__ import annotations

import re
from collections.abc import Iterable

from notation import Field, Message, Struct

_CPP_TYPES = {
    "bool": "bool", "int8": "int8_t", "int16": "int16_t", "uint16": "uint16_t", "int32": "int32_t",
    "uint32": "uint32_t", "int64": "int64_t", "float64": "double", "uuid": "Uuid", "string": "std::string",
    "bytes": "ByteBuffer", "records": "Payload",
}  # fmt: skip
_NUMBERS = ("bool", "int8", "int16", "uint16", "int32", "uint32", "int64", "float64")
_KEYWORDS = {
    "operator",
    "default",
    "namespace",
    "class",
    "struct",
    "enum",
    "private",
    "public",
    "register",
}


def snake(name: str) -> str:
    """ "TopicData" -> "topic_data"."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()
    return words + "_" if words in _KEYWORDS else words


def lower_camel(name: str) -> str:
    return name[0].lower() + name[1:]


def header(message: Message) -> str:
    """The .h of one message."""
    lines = [
        f"// {message.name}, versions {message.versions[0]} to {message.versions[1]}. Generated; do not edit.",
        "#pragma once",
        "",
        '#include "protocol/message_types.h"',
        "",
        "namespace kafkascope::protocol {",
        "",
        f"struct {message.name} {{",
        f"  static constexpr int16_t kApiKey = {message.api_key};",
        f"  static constexpr int16_t kLowestVersion = {message.versions[0]};",
        f"  static constexpr int16_t kHighestVersion = {message.versions[1]};",
        f"  static constexpr int16_t kFlexibleSince = {message.flexible_since};",
        "",
    ]
    for struct in message.structs:
        lines += [
            f"  struct {struct.name} {{",
            *(f"    {line}" for line in _members(struct)),
            "  };",
            "",
        ]
    lines += [f"  {line}" for line in _members(message.root)]
    lines += [
        "",
        "  static const MessageSchema& schema();",
        "};",
        "",
        "}  // namespace kafkascope::protocol",
        "",
    ]
    return "\n".join(lines)


def _members(struct: Struct) -> Iterable[str]:
    for item in struct.fields:
        yield f"{_storage(item)} {snake(item.name)}{_initializer(item)};"


def _storage(item: Field) -> str:
    element = _CPP_TYPES.get(item.type, item.type)
    plain = f"std::vector<{element}>" if item.array else element
    return f"std::optional<{plain}>" if _is_optional(item) else plain


def _is_optional(item: Field) -> bool:
    return item.nullable[0] <= item.nullable[1]


def _initializer(item: Field) -> str:
    if _is_optional(item):
        plain = _storage(item)[len("std::optional<") : -1]
        return "" if item.default == "null" else f" = {plain}()"
    if item.array or item.type not in _NUMBERS:
        return (
            f' = "{_string_default(item)}"'
            if item.type == "string" and _string_default(item)
            else ""
        )
    return f" = {_number_default(item)}"


def _number_default(item: Field) -> str:
    if item.default is None:
        return "false" if item.type == "bool" else "0"
    if item.type == "bool":
        return item.default.lower()
    return str(int(item.default, 0)) if item.type != "float64" else item.default


def _string_default(item: Field) -> str:
    return (item.default or "").strip('"') if item.default != "null" else ""


def source(messages: list[Message]) -> str:
    """One .cpp with the tables of several messages."""
    lines = ["// Tables of fields. Generated; do not edit.", "#include <cstddef>", ""]
    lines += [f'#include "protocol/messages/{snake(message.name)}.h"' for message in messages]
    lines += [
        '#include "protocol/schema.h"',
        "",
        "namespace kafkascope::protocol {",
        "namespace {",
        "",
    ]
    lines += ["using enum FieldType;", ""]
    for message in messages:
        for struct in [*message.structs, message.root]:
            lines += _table(message, struct)
        low, high = message.versions
        lines += [
            f'constexpr MessageSchema k{message.name}{{"{message.name}", MessageKind::k{message.kind.capitalize()}, '
            f"{message.api_key}, {{{low}, {high}}}, {message.flexible_since}, &k{message.name}Struct, "
            f"[]() -> void* {{ return new {message.name}; }}, "
            f"[](void* object) {{ delete static_cast<{message.name}*>(object); }}}};",
            "",
        ]
    lines += ["}  // namespace", ""]
    for message in messages:
        lines += [f"const MessageSchema& {message.name}::schema() {{ return k{message.name}; }}"]
    return "\n".join([*lines, "", "}  // namespace kafkascope::protocol", ""])


def _table(message: Message, struct: Struct) -> list[str]:
    is_root = struct is message.root
    cpp = message.name if is_root else f"{message.name}::{struct.name}"
    table = f"k{message.name}" if is_root else f"k{message.name}{struct.name}"
    lines = []
    if struct.fields:
        lines.append(f"constexpr Field {table}Fields[] = {{")
        lines += [f"    {_row(message, cpp, item)}," for item in struct.fields]
        lines.append("};")
    fields = f"{table}Fields" if struct.fields else "{}"
    lines += [f'constexpr StructSchema {table}Struct{{"{struct.name}", {fields}}};', ""]
    return lines


def _row(message: Message, cpp: str, item: Field) -> str:
    is_struct = item.type not in _CPP_TYPES
    kind = "kStruct" if is_struct else f"k{item.type.capitalize()}"
    storage = f"decltype({cpp}::{snake(item.name)})"
    parts = [
        f'"{item.name}"', f'"{lower_camel(item.name)}"', kind, _bool(item.array), _bool(_is_optional(item)),
        _bool(item.default == "null"), _bool(item.ignorable), _bool(item.never_compact), _range(item.versions),
        _range(item.nullable), _range(item.tagged), str(item.tag), f"offsetof({cpp}, {snake(item.name)})",
        _default(item), f"&k{message.name}{item.type}Struct" if is_struct else "nullptr",
        f"&kContainer<{storage}>" if item.array or _is_optional(item) else "nullptr",
    ]  # fmt: skip
    return "{" + ", ".join(parts) + "}"


def _default(item: Field) -> str:
    if item.array or item.type not in _NUMBERS:
        return "0"
    value = _number_default(item)
    return {"true": "1", "false": "0"}.get(value, f"{value}LL")


def _range(versions: tuple[int, int]) -> str:
    return f"{{{versions[0]}, {versions[1]}}}"


def _bool(value: bool) -> str:
    return "true" if value else "false"


def registry(messages: list[Message]) -> str:
    """One .cpp with the list of all messages, sorted by name."""
    ordered = sorted(messages, key=lambda message: message.name)
    lines = ["// All messages by name. Generated; do not edit.", '#include "protocol/schema.h"', ""]
    lines += [f'#include "protocol/messages/{snake(message.name)}.h"' for message in ordered]
    lines += [
        "",
        "namespace kafkascope::protocol {",
        "",
        "std::span<const MessageSchema* const> all_messages() {",
    ]
    lines += ["  static const MessageSchema* const kAll[] = {"]
    lines += [f"      &{message.name}::schema()," for message in ordered]
    lines += ["  };", "  return kAll;", "}", "", "}  // namespace kafkascope::protocol", ""]
    return "\n".join(lines)
