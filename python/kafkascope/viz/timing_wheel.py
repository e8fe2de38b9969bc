"""A hierarchical timing wheel: one ring a level, the current bucket marked, due operations beside it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from kafkascope.viz.picture import Picture
from kafkascope.viz.svg import ACCENT, FAINT, FILLS, Svg

_RADIUS = 90
_STEP = 260


def draw_timing_wheel(timer: Mapping[str, Any]) -> Picture:
    """Draws `SystemTimer.to_dict()`: now_ms, size, and levels, each with tick_ms, wheel_size, current_time_ms and
    buckets (index, expiration_ms, tasks: names).
    """
    levels = timer["levels"]
    alt = f"Timing wheel with {len(levels)} levels and {timer['size']} waiting operations at {timer['now_ms']} ms."
    waiting = max(
        [sum(len(bucket["tasks"]) for bucket in level["buckets"]) for level in levels] or [0]
    )
    svg = Svg(20 + _STEP * max(len(levels), 1), 290 + 14 * min(waiting, 20), "timing wheel", alt)
    svg.text(10, 18, f"timing wheel at {timer['now_ms']} ms, {timer['size']} waiting", bold=True)
    svg.rect(10, 28, 12, 10, fill=ACCENT)
    svg.text(28, 37, "now", color=FAINT)
    svg.rect(62, 28, 12, 10, fill=FILLS[2])
    svg.text(80, 37, "operations wait", color=FAINT)
    for number, level in enumerate(levels):
        _draw_level(svg, level, 20 + _STEP * number + _RADIUS + 10, 160)
    rows = [
        (level["tick_ms"], bucket["expiration_ms"], task)
        for level in levels
        for bucket in level["buckets"]
        for task in bucket["tasks"]
    ]
    return Picture(svg.render(), alt, ("tick (ms)", "due at (ms)", "operation"), rows)


def _draw_level(svg: Svg, level: Mapping[str, Any], x: float, y: float) -> None:
    size = level["wheel_size"]
    full = {bucket["index"]: bucket for bucket in level["buckets"] if bucket["tasks"]}
    current = (level["current_time_ms"] // level["tick_ms"]) % size
    for index in range(size):
        fill = ACCENT if index == current else FILLS[2] if index in full else "#f9fafb"
        tip = (
            f"bucket {index}: {len(full[index]['tasks'])} due at {full[index]['expiration_ms']} ms"
            if index in full
            else ""
        )
        svg.path(_sector(x, y, index, size), fill=fill, tip=tip)
    svg.text(x, y - 4, f"{level['tick_ms']} ms", anchor="middle", bold=True)
    svg.text(x, y + 12, f"x {size}", anchor="middle", color=FAINT)
    line = y + _RADIUS + 24
    for bucket in sorted(full.values(), key=lambda bucket: bucket["expiration_ms"]):
        for task in bucket["tasks"]:
            if line < y + _RADIUS + 24 + 14 * 20:
                svg.text(x - _RADIUS, line, f"{bucket['expiration_ms']:>7} ms {task}"[:34])
            line += 14


def _sector(x: float, y: float, index: int, size: int) -> str:
    """The outline of one bucket on the ring, the first at twelve o'clock."""

    def point(radius: float, step: int) -> str:
        angle = 2 * math.pi * step / size - math.pi / 2
        return f"{x + radius * math.cos(angle):.1f} {y + radius * math.sin(angle):.1f}"

    inner = _RADIUS * 0.62
    large = 1 if size == 1 else 0
    return (
        f"M {point(_RADIUS, index)} A {_RADIUS} {_RADIUS} 0 {large} 1 {point(_RADIUS, index + 1)} "
        f"L {point(inner, index + 1)} A {inner:.1f} {inner:.1f} 0 {large} 0 {point(inner, index)} Z"
    )
