"""A sequence diagram: nodes as columns, time downwards, what happened on each, and the messages between them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from kafkascope.viz.picture import Picture
from kafkascope.viz.svg import ACCENT, FAINT, INK, LINE, Svg

if TYPE_CHECKING:
    from kafkascope.trace import TraceEvent

_LEFT = 110
_COLUMN = 290
_LETTERS = 40
_ROW = 20
_TOP = 56
_BARE = ("api", "partition", "path", "session")  # shown without their names
_NAMED = ("leader", "leader_epoch", "isr", "broker", "epoch")


def draw_sequence(events: Sequence[TraceEvent]) -> Picture:
    """Draws these events in their order. One whose cause is among them, on another node, is a message's arrival."""
    ordered = sorted(events, key=lambda event: event.id)
    nodes = sorted({event.node for event in ordered})
    alt = f"Sequence diagram of {len(ordered)} events on {', '.join(nodes) or 'no node'}."
    height = _TOP + _ROW * (len(ordered) + 1)
    svg = Svg(_LEFT + _COLUMN * max(len(nodes), 1), height, "sequence diagram", alt)
    across = {node: _LEFT + 30 + _COLUMN * column for column, node in enumerate(nodes)}
    down = {event.id: _TOP + _ROW * row for row, event in enumerate(ordered)}
    known = {event.id: event for event in ordered}
    for node, x in across.items():
        svg.text(x, 18, node, anchor="middle", bold=True)
        svg.line(x, 26, x, height - 10, stroke=LINE)
    for event in ordered:
        x, y = across[event.node], down[event.id]
        cause = known.get(event.cause or 0)
        if cause is not None and cause.node != event.node:
            _arrow(svg, across[cause.node], down[cause.id], x, y)
        svg.text(4, y + 4, f"{event.time:.6f} s", color=FAINT)
        svg.circle(x, y, 3, fill=INK)
        svg.text(x + 8, y - 3, _label(event)[:_LETTERS])
    rows = [(f"{e.time:.6f}", e.node, e.kind, _facts(e), e.cause or "") for e in ordered]
    return Picture(svg.render(), alt, ("time (s)", "node", "event", "what", "cause"), rows)


def _label(event: TraceEvent) -> str:
    if event.kind == "WorkStarted":
        return ""  # a thread that sends and does not say what: the arrival does
    bare = [str(event.fields[name]) for name in _BARE if name in event.fields]
    named = [f"{name}={event.fields[name]}" for name in _NAMED if name in event.fields]
    return " ".join([event.kind, *bare, *named])


def _facts(event: TraceEvent) -> str:
    return " ".join(f"{name}={value}" for name, value in event.fields.items())


def _arrow(svg: Svg, x1: float, y1: float, x2: float, y2: float) -> None:
    back = -6 if x2 > x1 else 6
    svg.line(x1, y1, x2, y2, stroke=ACCENT)
    svg.path(f"M {x2:.1f} {y2:.1f} l {back} -4 l 0 8 Z", fill=ACCENT, stroke=ACCENT)
