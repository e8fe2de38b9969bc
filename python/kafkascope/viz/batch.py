"""A record batch byte by byte: one row a field, every byte owned by one name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kafkascope.viz.picture import Picture
from kafkascope.viz.svg import CHARACTER_WIDTH, FAINT, FILLS, Svg

_ROW = 18
_MAX_ROWS = 400


def draw_batch(batch: Mapping[str, Any]) -> Picture:
    """Draws `to_dict()` of a batch: magic, base_offset, last_offset, codec, and fields (name, begin, end,
    value, hex).
    """
    return draw_fields(
        f"record batch v{batch['magic']}",
        f"offsets {batch['base_offset']} to {batch['last_offset']}, {batch['codec']}",
        batch["fields"],
    )


def draw_fields(title: str, subtitle: str, fields: list[Mapping[str, Any]]) -> Picture:
    """The table of named byte ranges that batch and frame share. A field may carry `depth` to be indented."""
    shown = fields[:_MAX_ROWS]
    names = max([len(f["name"]) + 2 * f.get("depth", 0) for f in shown] or [0]) * CHARACTER_WIDTH
    values_at = 90 + names + 20
    values = min(max([len(str(f["value"])) for f in shown] or [0]), 48) * CHARACTER_WIDTH
    hex_at = values_at + values + 20
    size = max([f["end"] for f in fields] or [0])
    alt = f"{title}: {subtitle}, {len(fields)} fields in {size} bytes."
    svg = Svg(hex_at + 32 * CHARACTER_WIDTH + 20, 50 + _ROW * len(shown), title, alt)
    svg.text(10, 20, title, bold=True)
    svg.text(10 + (len(title) + 2) * CHARACTER_WIDTH, 20, f"{subtitle}, {size} bytes", color=FAINT)
    for row, item in enumerate(shown):
        y = 36 + row * _ROW
        depth = item.get("depth", 0)
        svg.rect(
            8, y, hex_at + 32 * CHARACTER_WIDTH, _ROW - 2, fill=FILLS[depth % 7], stroke="none"
        )
        svg.text(14, y + 12, f"{item['begin']:>4}..{item['end']:<4}", color=FAINT)
        svg.text(90 + 2 * depth * CHARACTER_WIDTH, y + 12, item["name"])
        svg.text(values_at, y + 12, _cut(str(item["value"]), 48))
        svg.text(hex_at, y + 12, _cut(item.get("hex", ""), 32), color=FAINT)
    rows = [(f["begin"], f["end"], f["name"], f["value"]) for f in fields]
    return Picture(svg.render(), alt, ("from byte", "to byte", "field", "value"), rows)


def _cut(words: str, length: int) -> str:
    return words if len(words) <= length else words[: length - 1] + "…"
