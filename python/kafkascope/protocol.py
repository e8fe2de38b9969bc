"""Kafka's wire protocol, every message at every version: as JSON-like dicts, and as a tree of byte ranges.

>>> data = encode("ApiVersionsRequest", 3, {"clientSoftwareName": "me", "clientSoftwareVersion": "1"})
>>> decode("ApiVersionsRequest", 3, data)
{'clientSoftwareName': 'me', 'clientSoftwareVersion': '1'}
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kafkascope import _core
from kafkascope.viz import Picture, draw_frame

__all__ = ["Dissection", "decode", "dissect", "encode", "messages"]


def messages() -> dict[str, tuple[int, int]]:
    """The name of every message, with its lowest and highest version."""
    return _core.protocol_messages()


def encode(name: str, version: int, value: Mapping[str, Any]) -> bytes:
    """The bytes of a message's body (no header, no length).

    Args:
        name: such as "ProduceRequest"; see `messages()`.
        version: of the message.
        value: fields in lowerCamelCase; absent ones take their defaults. Bytes are base64 text, uuids Kafka's.

    Raises:
        UnsupportedVersionError: no such version, or a field that it cannot carry.
        InvalidRequestError: no such message or field, or a value of the wrong type.
    """
    return _core.protocol_encode(name, version, dict(value))


def decode(name: str, version: int, data: bytes) -> dict[str, Any]:
    """The fields of a message's body.

    Raises:
        InvalidRequestError: bytes that are not such a message; names the byte and the field.
    """
    return _core.protocol_decode(name, version, bytes(data))


def dissect(frame: bytes, response_to: tuple[str, int] | None = None) -> Dissection:
    """A frame as a tree of named byte ranges.

    Args:
        frame: a request or response, with or without its length.
        response_to: (message name such as "Fetch", version) for a response, which does not say what it answers.
    """
    return Dissection(_core.protocol_dissect(bytes(frame), response_to))


class Dissection:
    """What `dissect` found. Prints as an indented tree, draws itself in a notebook."""

    def __init__(self, tree: dict[str, Any]) -> None:
        self._tree = tree

    def to_dict(self) -> dict[str, Any]:
        """name, type, begin, end, value, hex, children."""
        return self._tree

    def picture(self) -> Picture:
        """The tree as a picture."""
        return draw_frame(self._tree)

    def _repr_html_(self) -> str:
        return self.picture().html()

    def __str__(self) -> str:
        lines: list[str] = []
        _print(self._tree, 0, lines)
        return "\n".join(lines)

    def __repr__(self) -> str:
        return f"<{self._tree['name']}, {self._tree['end'] - self._tree['begin']} bytes>\n{self}"


def _print(node: Mapping[str, Any], depth: int, lines: list[str]) -> None:
    place = f"{node['begin']:>5}..{node['end']:<5}"
    lines.append(f"{place} {'  ' * depth}{node['name']}: {node['type']} {node['value']}".rstrip())
    for child in node["children"]:
        _print(child, depth + 1, lines)
