"""A partition's log: segments to scale, batches inside them, index entries pointing at their positions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kafkascope.viz.picture import Picture
from kafkascope.viz.svg import ACCENT, FAINT, FILLS, LINE, Svg

_WIDTH = 860
_LEFT = 120
_ROW = 74


def draw_log(log: Mapping[str, Any]) -> Picture:
    """Draws `Log.to_dict()`: topic, partition, log_start_offset, high_watermark, log_end_offset, and segments, each
    with base_offset, next_offset, size_bytes, batches (base_offset, last_offset, position, size_bytes, codec) and
    index_entries (offset, position).
    """
    segments = log["segments"]
    largest = max([segment["size_bytes"] for segment in segments] or [0]) or 1
    scale = (_WIDTH - _LEFT - 20) / largest
    name = f"{log['topic']}-{log['partition']}"
    alt = (
        f"Log of {name}: {len(segments)} segments, offsets {log['log_start_offset']} to {log['log_end_offset']}, "
        f"high watermark {log['high_watermark']}."
    )
    svg = Svg(_WIDTH, 40 + _ROW * len(segments), f"log {name}", alt)
    svg.text(10, 20, name, bold=True)
    svg.text(
        _LEFT,
        20,
        f"log start {log['log_start_offset']}   high watermark {log['high_watermark']}   "
        f"log end {log['log_end_offset']}",
        color=FAINT,
    )
    for row, segment in enumerate(segments):
        _draw_segment(svg, segment, 40 + row * _ROW, scale, log["high_watermark"])
    rows = [
        (
            segment["base_offset"],
            segment["next_offset"],
            segment["size_bytes"],
            len(segment["batches"]),
            len(segment["index_entries"]),
        )
        for segment in segments
    ]
    return Picture(
        svg.render(), alt, ("base offset", "next offset", "bytes", "batches", "index entries"), rows
    )


def _draw_segment(
    svg: Svg, segment: Mapping[str, Any], top: float, scale: float, high_watermark: int
) -> None:
    svg.text(10, top + 16, f"{segment['base_offset']:020d}"[-12:] + ".log")
    svg.text(10, top + 40, ".index", color=FAINT)
    svg.rect(_LEFT, top, segment["size_bytes"] * scale, 24, fill="#f9fafb", stroke=LINE)
    for number, batch in enumerate(segment["batches"]):
        x, width = _LEFT + batch["position"] * scale, batch["size_bytes"] * scale
        tip = f"offsets {batch['base_offset']} to {batch['last_offset']}, {batch['size_bytes']} bytes, {batch['codec']}"
        committed = batch["last_offset"] < high_watermark
        svg.rect(x, top, width, 24, fill=FILLS[number % 2] if committed else FILLS[7], tip=tip)
        svg.fitted(x, top + 16, width, str(batch["base_offset"]))
        if batch["base_offset"] <= high_watermark <= batch["last_offset"]:
            svg.line(x, top - 4, x, top + 28, stroke=ACCENT)
    for entry in segment["index_entries"]:
        x = _LEFT + entry["position"] * scale
        svg.line(x, top + 25, x, top + 34, stroke=FAINT)
        svg.circle(x, top + 37, 3, fill=FILLS[4])
