"""Our log beside Apache Kafka 3.9's, without brokers around them: both do the same work on the same disk, in turns.

    python tests/benchmarks/log_bench.py [--megabytes N] [--rounds N] [--partitions N]

Each figure is taken by a process of its own (build/release/cpp/log/log_bench, ApacheLogBench.java), from one and then
from the other, round after round. Kafka does each thing once before it counts, to be compiled. `dd` writes and reads as
many bytes as a measure of disk and page cache. Medians, ratios and targets go to the screen and to build/bench.json.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "interop"))
import apache_kafka
from results import Figures, Target

OURS, THEIRS, DISK = "kafkascope", "Apache Kafka 3.9", "dd"
HERE = Path(__file__).parent
PROGRAM = HERE.parent.parent / "build" / "release" / "cpp" / "log" / "log_bench"
KEYS = 1_000_000
TARGETS = {
    "clean, CPU s/GB": Target(1 / 3),
    "recover, CPU s/GB": Target(1 / 3),
}


class Sides:
    """Runs a command of either side and returns seconds, CPU seconds, bytes and count."""

    def __init__(self, home: Path) -> None:
        classes = home / "classes"
        jars = apache_kafka.class_path()
        source = str(HERE / "ApacheLogBench.java")
        subprocess.run(["javac", "-cp", jars, "-d", str(classes), source], check=True)
        java = ["java", "-Xmx2g", "-XX:+UseG1GC", "-cp", f"{classes}:{jars}", "ApacheLogBench"]
        self._commands = {OURS: [str(PROGRAM)], THEIRS: java}

    def run(self, side: str, *arguments: object) -> tuple[float, float, int, int]:
        command = [*self._commands[side], *map(str, arguments)]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        lines = [line for line in done.stdout.splitlines() if not line.startswith("[")]
        seconds, cpu, size, count = lines[-1].split()
        return float(seconds), float(cpu), int(size), int(count)


def touch(megabytes: int) -> None:
    """Takes memory and gives it back: a virtual machine's first touch of a page can cost more than the work."""
    buffer = bytearray(megabytes << 20)
    for at in range(0, len(buffer), 4096):
        buffer[at] = 1


def fresh(path: Path) -> Path:
    shutil.rmtree(path, ignore_errors=True)
    path.mkdir(parents=True)
    return path


def dd(*arguments: str) -> float:
    done = subprocess.run(["dd", *arguments], check=True, capture_output=True, text=True)
    return float(done.stderr.rsplit(", ", 2)[1].split()[0])


def measure(sides: Sides, home: Path, figures: Figures, megabytes: int, partitions: int) -> None:
    size = megabytes * 1_000_000
    gigabytes = size / 1e9

    def add(figure: str, side: str, seconds: float, cpu: float | None = None) -> None:
        figures.add(f"{figure}, s/GB", side, seconds / gigabytes)
        if cpu is not None:
            figures.add(f"{figure}, CPU s/GB", side, cpu / gigabytes)

    blocks = [f"bs={12_000}", f"count={size // 12_000}"]
    out = fresh(home / "dd") / "file"
    add("append", DISK, dd("if=/dev/zero", f"of={out}", *blocks))
    add("read", DISK, dd(f"if={out}", "of=/dev/null", "bs=1M"))
    shutil.rmtree(out.parent)
    for side in (OURS, THEIRS):
        touch(2 * megabytes)
        log = fresh(home / side) / "t-0"
        add("append", side, *sides.run(side, "append", log, size, KEYS)[:2])
        for figure in ("read", "recover"):
            add(figure, side, *sides.run(side, figure, log)[:2])
        sides.run(OURS, "read", log)  # a clean shutdown again
        for figure, count in (("offset", 300_000), ("time", 10_000)):
            seconds = sides.run(side, figure, log, count)[0]
            figures.add(f"look up by {figure}, us", side, seconds / count * 1e6)
        warm = log.parent / "t-0-warm-0"
        shutil.rmtree(warm, ignore_errors=True)
        if side == THEIRS:
            shutil.copytree(log, warm)
        touch(2 * megabytes)
        add("clean", side, *sides.run(side, "clean", log)[:2])
        shutil.rmtree(log.parent)
    many = fresh(home / "many")
    sides.run(OURS, "open", many, partitions)
    for side in (OURS, THEIRS):
        copy = home / "copy"
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(many, copy)
        seconds, cpu, _, _ = sides.run(side, "open", copy, partitions)
        figures.add(f"open {partitions} partitions, s", side, seconds)
        figures.add(f"open {partitions} partitions, CPU s", side, cpu)
    shutil.rmtree(many)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--partitions", type=int, default=5000)
    options = parser.parse_args()
    if reason := apache_kafka.absent():
        raise SystemExit(reason)
    home = Path(tempfile.mkdtemp(prefix="log-bench-", dir=os.environ.get("KAFKASCOPE_BENCH_DIR")))
    figures = Figures()
    try:
        sides = Sides(home)
        for round_number in range(options.rounds):
            print(f"round {round_number + 1} of {options.rounds}", flush=True)
            measure(sides, home, figures, options.megabytes, options.partitions)
    finally:
        shutil.rmtree(home, ignore_errors=True)
    disk = {name: figures.median(name, DISK) for name in ("append, s/GB", "read, s/GB")}
    figures.drop(DISK)
    figures.print_table(OURS, THEIRS, TARGETS)
    for name, seconds in disk.items():
        print(
            f"{name}: dd {seconds:.3f}, ours {figures.median(name, OURS) / seconds:.2f} times that"
        )
    figures.save("logs", OURS, [THEIRS], TARGETS)


if __name__ == "__main__":
    main()
