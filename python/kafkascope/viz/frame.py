"""A frame of the wire protocol as a tree of named fields with their byte ranges."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kafkascope.viz.batch import draw_fields
from kafkascope.viz.picture import Picture


def draw_frame(tree: Mapping[str, Any]) -> Picture:
    """Draws `Dissection.to_dict()`: name, type, begin, end, value, hex, children."""
    holds = [child["name"] for child in tree["children"] if child["children"]]
    return draw_fields(tree["name"], " and ".join(holds) or tree["type"], list(_flat(tree, 0)))


def _flat(node: Mapping[str, Any], depth: int) -> Iterator[dict[str, Any]]:
    for child in node["children"]:
        yield {**child, "depth": depth}
        yield from _flat(child, depth + 1)
