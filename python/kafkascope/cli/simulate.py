"""`kafkascope simulate`: clusters in virtual time, full of faults, every invariant watched."""

from __future__ import annotations

from collections import Counter
from typing import Annotated, Any

import typer

from kafkascope.errors import KafkaConfigurationError


def simulate(
    seeds: Annotated[int, typer.Option(min=1, help="How many seeds, from 1 on.")] = 100,
    seed: Annotated[int | None, typer.Option(min=1, help="Only this seed.")] = None,
    brokers: Annotated[
        int, typer.Option(help="How many brokers, 3 to 9; 0: the seed decides.")
    ] = 0,
    faults: Annotated[str, typer.Option(help="'all' or 'none'.")] = "all",
) -> None:
    """Run clusters in simulated time and stop at the first violated invariant.

    Each seed is a run of its own: brokers with ZooKeeper, producers with acks=all and a consumer,
    90 simulated seconds of faults, then recovery. The same seed gives the same run.
    """
    if faults not in ("all", "none"):
        raise KafkaConfigurationError(f"--faults {faults}: expected 'all' or 'none'")
    if brokers != 0 and not 3 <= brokers <= 9:
        raise KafkaConfigurationError(f"--brokers {brokers}: expected 3 to 9, or 0")
    chosen = [seed] if seed is not None else list(range(1, seeds + 1))
    totals = _Totals()
    failed = _run(chosen, brokers, faults == "all", totals)
    totals.show()
    if failed is not None:
        options = f" --brokers {brokers}" if brokers else ""
        options += " --faults none" if faults == "none" else ""
        print(failed["failure"])
        print(f"again: kafkascope simulate --seed {failed['seed']}{options}")
        raise typer.Exit(1)


class _Totals:
    """What all runs did together."""

    def __init__(self) -> None:
        self.runs = 0
        self.seconds = 0.0
        self.acknowledged = 0
        self.faults: Counter[str] = Counter()
        self.marks: Counter[str] = Counter()

    def add(self, report: dict[str, Any]) -> None:
        self.runs += 1
        self.seconds += report["seconds"]
        self.acknowledged += report["acknowledged"]
        self.faults.update(report["faults"])
        self.marks.update({mark: 1 for mark in report["marks"]})

    def show(self) -> None:
        print(
            f"{self.runs} runs, {self.seconds:,.0f} simulated seconds, "
            f"{self.acknowledged:,} records acknowledged"
        )
        if self.faults:
            print(
                "faults: " + ", ".join(f"{n:,} {name}" for name, n in sorted(self.faults.items()))
            )
        print("reached in so many runs:")
        for mark, count in sorted(self.marks.items()):
            print(f"  {count:>6,}  {mark}")


def _run(seeds: list[int], brokers: int, faults: bool, totals: _Totals) -> dict[str, Any] | None:
    """The report of the first run that failed, if one did."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    from kafkascope import _core

    columns = (TextColumn("seeds"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns) as progress:
        for seed in progress.track(seeds):
            report = _core.explore_cluster(seed, brokers=brokers, faults=faults)
            totals.add(report)
            if report["failure"]:
                return report
    return None
