"""A partition over its brokers: a bar for each replica's log, up to its high watermark and beyond."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kafkascope.viz.picture import Picture
from kafkascope.viz.svg import FAINT, FILLS, Svg

_LEFT = 170
_WIDTH = 420
_ROW = 34


def draw_partition(partition: Mapping[str, Any]) -> Picture:
    """Draws `Partition.to_dict()`."""
    replicas = partition["replicas"]
    name = f"{partition['topic']}-{partition['partition']}"
    alt = (
        f"Partition {name}: broker {partition['leader']} leads in epoch {partition['leader_epoch']},"
        f" in sync are {partition['in_sync_replica_ids']}."
    )
    svg = Svg(_LEFT + _WIDTH + 150, 50 + _ROW * len(replicas), "partition", alt)
    svg.text(10, 18, f"{name}, leader epoch {partition['leader_epoch']}", bold=True)
    svg.rect(10, 26, 12, 10, fill=FILLS[1])
    svg.text(28, 35, "up to the high watermark", color=FAINT)
    svg.rect(210, 26, 12, 10, fill=FILLS[2])
    svg.text(228, 35, "not yet on all in sync", color=FAINT)
    scale = _WIDTH / max([replica["log_end_offset"] or 1 for replica in replicas] or [1])
    for row, replica in enumerate(replicas):
        _draw_replica(svg, replica, 48 + _ROW * row, scale)
    header = ("broker", "role", "log start", "high watermark", "log end", "lag")
    columns = ("log_start_offset", "high_watermark", "log_end_offset", "lag")
    rows = [(one["broker"], _role(one), *(one[column] for column in columns)) for one in replicas]
    return Picture(svg.render(), alt, header, rows)


def _draw_replica(svg: Svg, replica: Mapping[str, Any], y: float, scale: float) -> None:
    svg.text(10, y + 13, f"broker {replica['broker']}")
    svg.text(10, y + 25, _role(replica), color=FAINT)
    if replica["log_end_offset"] is None:
        return
    start, mark, end = (
        _LEFT + scale * replica[name]
        for name in ("log_start_offset", "high_watermark", "log_end_offset")
    )
    svg.rect(start, y, end - start, 18, fill=FILLS[2], tip=f"log end {replica['log_end_offset']}")
    svg.rect(
        start, y, mark - start, 18, fill=FILLS[1], tip=f"high watermark {replica['high_watermark']}"
    )
    svg.text(end + 6, y + 13, f"HW {replica['high_watermark']}, LEO {replica['log_end_offset']}")


def _role(replica: Mapping[str, Any]) -> str:
    if replica["log_end_offset"] is None:
        return "down"
    return (
        "leader" if replica["is_leader"] else "in sync" if replica["is_in_sync"] else "not in sync"
    )
