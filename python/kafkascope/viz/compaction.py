"""Compaction: a log's records by offset, before and after the cleaner."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from kafkascope.viz.picture import Picture
from kafkascope.viz.svg import CHARACTER_WIDTH, FAINT, FILLS, INK, LINE, PAPER, Svg

_WIDTH = 860
_LEFT = 110
_TOP = 44
_CELL = 26
_ROW = 40
_MAX_OFFSETS = 240
_WIDEST = 34.0


def draw_compaction(facts: Mapping[str, Any]) -> Picture:
    """Draws two states of one log: "topic", "partition", "before" and "after", each a list of segments with
    base_offset and records (offset, key as text or None, tombstone). Colours are by key; what is gone is left white.
    """
    before, after = facts["before"], facts["after"]
    old, new = _records(before), _records(after)
    offsets = sorted({*old, *new})[-_MAX_OFFSETS:]
    kept = {offset for offset in old if offset in new}
    name = f"{facts['topic']}-{facts['partition']}"
    alt = (
        f"Compaction of {name}: {len(old)} records in {len(before)} segments became {len(new)} in "
        f"{len(after)}; each stays at its offset."
    )
    first = offsets[0] if offsets else 0
    span = offsets[-1] - first + 1 if offsets else 1
    width = min(_WIDEST, (_WIDTH - _LEFT - 20) / span)
    rows = len(before) + len(after)
    svg = Svg(_WIDTH, _TOP + _ROW * rows + 58, f"compaction of {name}", alt)
    svg.text(10, 20, f"{name}: before")
    colors = _colors(old)
    place = _Place(first, width)
    top = float(_TOP)
    for segment in before:
        _draw_segment(svg, segment, top, place, colors, kept)
        top += _ROW
    svg.text(10, top + 6, "after", bold=True)
    svg.line(_LEFT, top + 2, _WIDTH - 20, top + 2, stroke=LINE, dashed=True)
    top += 22
    for segment in after:
        _draw_segment(svg, segment, top, place, colors, set(new))
        top += _ROW
    svg.text(
        _LEFT, top + 4, "a box is a record at its offset; the cleaner leaves the white ones out"
    )
    _draw_legend(svg, top + 24, colors)
    table = [
        (offset, old[offset]["key"], "∅" if old[offset]["tombstone"] else "value", offset in kept)
        for offset in sorted(old)
    ]
    return Picture(svg.render(), alt, ("offset", "key", "value", "kept"), table)


def _draw_legend(svg: Svg, y: float, colors: Mapping[str | None, str]) -> None:
    x = float(_LEFT)
    for key, color in colors.items():
        words = "no key" if key is None else key
        if x + 30 + len(words) * CHARACTER_WIDTH > _WIDTH:
            return
        svg.rect(x, y - 9, 12, 10, fill=color, stroke=LINE)
        svg.text(x + 16, y, words, color=FAINT)
        x += 30 + len(words) * CHARACTER_WIDTH


class _Place:
    """Where an offset is drawn."""

    def __init__(self, first: int, width: float) -> None:
        self.first = first
        self.width = width

    def x(self, offset: int) -> float:
        return _LEFT + (offset - self.first) * self.width


def _records(segments: Sequence[Mapping[str, Any]]) -> dict[int, Mapping[str, Any]]:
    return {record["offset"]: record for segment in segments for record in segment["records"]}


def _colors(records: Mapping[int, Mapping[str, Any]]) -> dict[str | None, str]:
    keys = sorted({record["key"] for record in records.values()}, key=str)
    return {key: FILLS[n % (len(FILLS) - 1)] for n, key in enumerate(keys)}


def _draw_segment(
    svg: Svg,
    segment: Mapping[str, Any],
    top: float,
    place: _Place,
    colors: Mapping[str | None, str],
    kept: set[int],
) -> None:
    svg.text(10, top + 17, f"…{segment['base_offset']:08d}.log", color=FAINT)
    for record in segment["records"]:
        offset = record["offset"]
        if offset < place.first:
            continue
        key = "null" if record["key"] is None else record["key"]
        stays = offset in kept
        shown = f"{key}∅" if record["tombstone"] else key
        tip = f"offset {offset}, key {key}" + ("" if stays else ", left out by the cleaner")
        x, color = place.x(offset), colors[record["key"]]
        svg.rect(
            x, top, place.width - 1, _CELL, fill=color if stays else PAPER, stroke=LINE, tip=tip
        )
        if not stays:  # a stripe says which key it was of
            svg.rect(x, top + _CELL - 5, place.width - 1, 5, fill=color, stroke=LINE)
        svg.fitted(x, top + 17, place.width, shown, color=INK if stays else FAINT)
