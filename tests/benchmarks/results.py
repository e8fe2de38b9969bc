"""Figures of interleaved rounds: medians, ratios round by round, targets, tables, one JSON file.

python tests/benchmarks/results.py     prints the targets again, from build/bench.json
"""

from __future__ import annotations

import datetime
import json
import os
import platform
import statistics
from dataclasses import dataclass
from pathlib import Path

OUTPUT = Path("build/bench.json")


@dataclass(frozen=True)
class Target:
    """What the ratio ours / theirs must not exceed, or must reach when `at_least`."""

    ratio: float
    at_least: bool = False

    def met_by(self, ratio: float) -> bool:
        return ratio >= self.ratio if self.at_least else ratio <= self.ratio

    def __str__(self) -> str:
        return f"{'>=' if self.at_least else '<='} {self.ratio:.3g}"


class Figures:
    """Samples by figure and contender. Sample i of each contender comes from round i."""

    def __init__(self) -> None:
        self._samples: dict[str, dict[str, list[float]]] = {}

    def add(self, figure: str, contender: str, value: float) -> None:
        self._samples.setdefault(figure, {}).setdefault(contender, []).append(value)

    def drop(self, contender: str) -> None:
        """Forgets what was measured of one."""
        for samples in self._samples.values():
            samples.pop(contender, None)

    def names(self) -> list[str]:
        return list(self._samples)

    def median(self, figure: str, contender: str) -> float:
        return statistics.median(self._samples[figure][contender])

    def ratio(self, figure: str, ours: str, theirs: str) -> float:
        """Median of the rounds' ratios: what slows a whole round down cancels out."""
        samples = self._samples[figure]
        pairs = zip(samples[ours], samples[theirs], strict=True)
        return statistics.median(mine / other for mine, other in pairs)

    def print_table(self, ours: str, theirs: str, targets: dict[str, Target]) -> None:
        width = max(map(len, self._samples))
        print(f"{'':{width}} {ours:>14} {theirs:>16} {'ratio':>8}  target")
        for figure in self._samples:
            ratio = self.ratio(figure, ours, theirs)
            mine, other = self.median(figure, ours), self.median(figure, theirs)
            target = targets.get(figure)
            verdict = f"  {target}: {'met' if target.met_by(ratio) else 'missed'}" if target else ""
            print(f"{figure:{width}} {mine:14,.3f} {other:16,.3f} {ratio:8.3f}{verdict}")

    def save(self, section: str, ours: str, others: list[str], targets: dict[str, Target]) -> None:
        """Puts samples, medians and ratios under `section` of build/bench.json; keeps its others."""
        known = json.loads(OUTPUT.read_text()) if OUTPUT.exists() else {}
        found = {}
        for figure, samples in self._samples.items():
            ratios = {other: self.ratio(figure, ours, other) for other in others}
            found[figure] = {
                "medians": {name: statistics.median(values) for name, values in samples.items()},
                "ratios": ratios,
                "samples": samples,
            }
            if target := targets.get(figure):
                found[figure]["target"] = str(target)
                found[figure]["met"] = target.met_by(ratios[others[0]])
        OUTPUT.parent.mkdir(parents=True, exist_ok=True)
        whole = {**known, "machine": machine(), section: {"ours": ours, "figures": found}}
        OUTPUT.write_text(json.dumps(whole, indent=1) + "\n")


def machine() -> dict[str, str]:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    model = next(
        (line.split(":")[1].strip() for line in lines if line.startswith("model name")), ""
    )
    return {
        "date": datetime.datetime.now(datetime.timezone.utc).date().isoformat(),
        "processor": f"{os.cpu_count()} x {model}",
        "system": f"{platform.system()} {platform.release()}, Python {platform.python_version()}",
    }


def print_targets() -> None:
    """Every figure that has a target, of all sections."""
    known = json.loads(OUTPUT.read_text())
    print(", ".join(known.pop("machine").values()))
    for content in known.values():
        for figure, found in content["figures"].items():
            if "target" not in found:
                continue
            (other, ratio), mine = next(iter(found["ratios"].items())), found["medians"]
            verdict = "met" if found["met"] else "missed"
            values = f"{mine[content['ours']]:14,.3f} / {mine[other]:14,.3f}"
            print(
                f"{figure:34} {values} = {ratio:6.3f}  {found['target']:>9} {verdict:6} ({other})"
            )


if __name__ == "__main__":
    print_targets()
