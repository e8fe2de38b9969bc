"""A process that writes a log is killed (SIGKILL) again and again: what it had acknowledged is there each time."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import kafkascope as ks
from kafkascope.live_log import UnifiedLog

KEYS = 20
CONFIG = {
    "segment.bytes": 4000,
    "index.interval.bytes": 200,
    "delete.retention.ms": 0,
    "file.delete.delay.ms": 0,
}
# Prints the offset and number of each record once it is appended; the numbers go on from where the log ends.
WRITER = f"""
import random, sys
from kafkascope.live_log import UnifiedLog
policy, start, seed = sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
chance = random.Random(seed)
log = UnifiedLog(sys.argv[1], {{**{CONFIG!r}, "cleanup.policy": policy}})
print("ready", flush=True)
n = start
while True:
    offset = log.append([(str(n % {KEYS}), str(n) * 8)]).start
    print(offset, n, flush=True)
    n += 1
    what = chance.random()
    if what < 0.02:
        log.roll()
    elif what < 0.05 and policy == "compact":
        log.clean()
        log.delete_expired_files()
    elif what < 0.06:
        log.flush()
"""


@pytest.mark.parametrize("policy", ["delete", "compact"])
def test_what_was_acknowledged_survives(tmp_path: Path, policy: str) -> None:
    dir = tmp_path / "data" / "t-0"
    chance = random.Random(7)
    acknowledged: dict[int, int] = {}  # offset -> number
    for life in range(8):
        start = max(acknowledged.values(), default=-1) + 2
        writer = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(dir), policy, str(start), str(life)],
            stdout=subprocess.PIPE,
            text=True,
        )
        assert writer.stdout is not None
        assert writer.stdout.readline() == "ready\n"
        for _ in range(chance.randint(30, 400)):
            offset, number = writer.stdout.readline().split()
            acknowledged[int(offset)] = int(number)
        writer.send_signal(signal.SIGKILL)
        for line in writer.stdout:  # it got further than it was read
            if line.endswith("\n"):
                offset, number = line.split()
                acknowledged[int(offset)] = int(number)
        writer.wait()
        with UnifiedLog(dir, {**CONFIG, "cleanup.policy": policy}) as log:
            found = {r.offset: _number(r.value or b"") for r in log.snapshot().records()}
        if policy == "delete":
            assert acknowledged.items() <= found.items()
            continue
        last = {n % KEYS: (o, n) for o, n in sorted(acknowledged.items())}
        for key, (offset, number) in last.items():
            newest = max(o for o, n in found.items() if n % KEYS == key)
            assert newest > offset or (newest, found[newest]) == (offset, number)
    assert len(acknowledged) > 500
    assert ks.open_log(dir).log_end_offset > 500


def _number(value: bytes) -> int:
    return int(value[: len(value) // 8])
