"""A controller: each partition's state and leader, and the state of the replica on each broker."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kafkascope.viz.picture import Picture
from kafkascope.viz.svg import FAINT, FILLS, Svg

_ROW = 22
_FILLS = {"New": FILLS[2], "Online": FILLS[1], "Offline": FILLS[3]}


def draw_controller(controller: Mapping[str, Any]) -> Picture:
    """Draws `KafkaController.to_dict()`."""
    partitions = controller["partitions"]
    states = {(r["topic"], r["partition"], r["broker"]): r["state"] for r in controller["replicas"]}
    live = [broker["broker"] for broker in controller["live_brokers"]]
    brokers = sorted({*live, *(broker for _, _, broker in states)})
    role = "the active controller" if controller["is_active"] else "not active"
    alt = (
        f"Controller of broker {controller['broker']}, {role}, epoch {controller['epoch']}, {controller['state']}:"
        f" {len(partitions)} partitions, live brokers {live}."
    )
    svg = Svg(330 + 130 * len(brokers), 70 + _ROW * len(partitions), "controller", alt)
    title = f"controller of broker {controller['broker']}: {role}, epoch {controller['epoch']}"
    svg.text(10, 18, f"{title}, {controller['state']}", bold=True)
    svg.text(10, 36, f"waiting: {', '.join(controller['queued_events']) or 'nothing'}", color=FAINT)
    for column, broker in enumerate(brokers):
        gone = "" if broker in live else " (gone)"
        svg.text(385 + 130 * column, 54, f"broker {broker}{gone}", anchor="middle", color=FAINT)
    rows = []
    for row, partition in enumerate(partitions):
        y = 62 + _ROW * row
        name = f"{partition['topic']}-{partition['partition']}"
        leader = f"leader {partition['leader']}, epoch {partition['leader_epoch']}"
        _cell(svg, 10, y, 150, name, "")
        _cell(svg, 164, y, 150, partition["state"], leader)
        cells = []
        for column, broker in enumerate(brokers):
            state = states.get((partition["topic"], partition["partition"], broker), "")
            sync = "in sync" if broker in partition["in_sync_replica_ids"] else "not in sync"
            if state:
                mark = "* " if broker == partition["leader"] else ""
                _cell(svg, 322 + 130 * column, y, 126, mark + state, sync)
                cells.append(f"{mark}{state}, {sync}")
            else:
                cells.append("")
        rows.append((name, partition["state"], leader, *cells))
    header = ("partition", "state", "leader (*)", *(f"broker {broker}" for broker in brokers))
    return Picture(svg.render(), alt, header, rows)


def _cell(svg: Svg, x: float, y: float, width: float, words: str, tip: str) -> None:
    state = words.removeprefix("* ").removesuffix("Partition").removesuffix("Replica")
    svg.rect(x, y, width, _ROW - 4, fill=_FILLS.get(state, FILLS[7]), tip=tip)
    svg.fitted(x, y + 13, width, words)
