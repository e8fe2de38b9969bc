"""A partition's log: segments to scale, batches inside them, index entries pointing at their positions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from kafkascope.viz.picture import Picture
from kafkascope.viz.svg import ACCENT, FAINT, FILLS, LINE, Svg

_WIDTH = 860
_LEFT = 150
_TOP = 52
_ROW = 66
_MAX_SEGMENTS = 24
_NARROW = 3.0  # pixels: batches below are drawn together


def draw_log(log: Mapping[str, Any]) -> Picture:
    """Draws `Log.to_dict()`: topic, partition, log_start_offset, high_watermark, log_end_offset, and segments, each
    with base_offset, next_offset, size_bytes, batches (base_offset, last_offset, position, size_bytes, codec) and
    index_entries (offset, position). A high watermark of None is unknown.
    """
    segments = log["segments"]
    shown = segments[-_MAX_SEGMENTS:]
    largest = max([segment["size_bytes"] for segment in shown] or [0]) or 1
    scale = (_WIDTH - _LEFT - 20) / largest
    name = f"{log['topic']}-{log['partition']}"
    high_watermark = log["high_watermark"]
    known = "unknown" if high_watermark is None else high_watermark
    alt = (
        f"Log of {name}: {len(segments)} segments, offsets {log['log_start_offset']} to {log['log_end_offset']}, "
        f"high watermark {known}."
    )
    svg = Svg(_WIDTH, _TOP + _ROW * len(shown) + 24, f"log {name}", alt)
    svg.text(10, 20, name, bold=True)
    svg.text(
        _LEFT,
        20,
        f"log start {log['log_start_offset']}   high watermark {known}   log end {log['log_end_offset']}",
        color=FAINT,
    )
    if len(shown) < len(segments):
        svg.text(_LEFT, 36, f"the last {len(shown)} of {len(segments)} segments", color=FAINT)
    for row, segment in enumerate(shown):
        _draw_segment(svg, segment, _TOP + row * _ROW, scale, high_watermark)
    if shown and high_watermark == log["log_end_offset"]:
        x, y = _LEFT + shown[-1]["size_bytes"] * scale, _TOP + _ROW * (len(shown) - 1)
        svg.line(x, y - 4, x, y + 28, stroke=ACCENT)
    _draw_legend(svg, _TOP + _ROW * len(shown) + 10)
    rows = [
        (
            segment["base_offset"],
            segment["next_offset"],
            segment["size_bytes"],
            len(segment["batches"]),
            len(segment["index_entries"]),
            segment.get("problem", ""),
        )
        for segment in segments
    ]
    header = ("base offset", "next offset", "bytes", "batches", "index entries", "problem")
    return Picture(svg.render(), alt, header, rows)


def _draw_legend(svg: Svg, y: float) -> None:
    svg.rect(_LEFT, y - 8, 12, 10, fill=FILLS[0])
    svg.text(_LEFT + 18, y, "batch, by its first offset", color=FAINT)
    svg.rect(_LEFT + 210, y - 8, 12, 10, fill=FILLS[7])
    svg.text(_LEFT + 228, y, "not committed", color=FAINT)
    svg.circle(_LEFT + 336, y - 3, 3, fill=FILLS[4])
    svg.text(_LEFT + 345, y, "index entry", color=FAINT)
    svg.line(_LEFT + 438, y - 9, _LEFT + 438, y + 3, stroke=ACCENT)
    svg.text(_LEFT + 446, y, "high watermark", color=FAINT)


def _draw_segment(
    svg: Svg, segment: Mapping[str, Any], top: float, scale: float, high_watermark: int | None
) -> None:
    svg.text(10, top + 16, f"…{segment['base_offset']:010d}.log")
    svg.text(10, top + 38, "offset index", color=FAINT)
    span = f"{segment['base_offset']} to {segment['next_offset'] - 1}"
    empty = segment["next_offset"] == segment["base_offset"]
    svg.text(10, top + 52, "empty" if empty else span, color=FAINT)
    svg.rect(_LEFT, top, segment["size_bytes"] * scale, 24, fill="#f9fafb", stroke=LINE)
    for number, group in enumerate(_together(segment["batches"], scale)):
        _draw_batches(svg, group, number, top, scale, high_watermark)
    last = 0.0
    for entry in segment["index_entries"]:
        x = _LEFT + entry["position"] * scale
        if x - last >= _NARROW:
            svg.line(x, top + 25, x, top + 31, stroke=FAINT)
            svg.circle(x, top + 34, 3, fill=FILLS[4])
            last = x
    if segment.get("problem"):
        end = max([batch["position"] + batch["size_bytes"] for batch in segment["batches"]] or [0])
        x = _LEFT + end * scale
        svg.rect(x, top, segment["size_bytes"] * scale - (x - _LEFT), 24, fill=FILLS[3])
        svg.text(_LEFT, top + 52, segment["problem"][:100], color=ACCENT)


def _together(
    batches: Sequence[Mapping[str, Any]], scale: float
) -> Iterator[Sequence[Mapping[str, Any]]]:
    """Neighbours in groups that are wide enough to be seen."""
    group: list[Mapping[str, Any]] = []
    for batch in batches:
        group.append(batch)
        if (batch["position"] + batch["size_bytes"] - group[0]["position"]) * scale >= _NARROW:
            yield group
            group = []
    if group:
        yield group


def _draw_batches(
    svg: Svg,
    group: Sequence[Mapping[str, Any]],
    number: int,
    top: float,
    scale: float,
    high_watermark: int | None,
) -> None:
    first, last = group[0], group[-1]
    size = last["position"] + last["size_bytes"] - first["position"]
    x, width = _LEFT + first["position"] * scale, size * scale
    what = f"{len(group)} batches" if len(group) > 1 else first["codec"]
    tip = f"offsets {first['base_offset']} to {last['last_offset']}, {size} bytes, {what}"
    committed = high_watermark is None or last["last_offset"] < high_watermark
    svg.rect(x, top, width, 24, fill=FILLS[number % 2] if committed else FILLS[7], tip=tip)
    svg.fitted(x, top + 16, width, str(first["base_offset"]))
    if high_watermark is not None and first["base_offset"] <= high_watermark <= last["last_offset"]:
        svg.line(x, top - 4, x, top + 28, stroke=ACCENT)
