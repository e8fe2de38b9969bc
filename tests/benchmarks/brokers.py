"""The brokers under comparison, each a process of its own whose CPU time and memory the kernel tells."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "interop"))
from apache_kafka import ApacheKafka, free_port, wait_for_port, write_properties

OURS = "kafkascope"
THEIRS = "Apache Kafka 3.9"
TICKS_PER_S = os.sysconf("SC_CLK_TCK")


@dataclass
class Broker:
    """A running broker: an address and a process."""

    name: str
    bootstrap: str
    pid: int
    launched: float  # time.monotonic()
    stop: Callable[[], None]

    def cpu_s(self) -> float:
        """User and system seconds that the process has used."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / TICKS_PER_S

    def resident_mib(self) -> float:
        for line in Path(f"/proc/{self.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS"):
                return int(line.split()[1]) / 1024
        raise RuntimeError(f"no VmRSS for process {self.pid}")


def start_kafkascope() -> Broker:
    home = Path(tempfile.mkdtemp(prefix="kafkascope-bench-"))
    port = free_port()
    config = {
        "broker.id": "1",
        "listeners": f"PLAINTEXT://127.0.0.1:{port}",
        "log.dirs": str(home / "data"),
    }
    path = write_properties(home / "server.properties", config)
    command = [sys.executable, "-m", "kafkascope", "server", str(path)]
    launched = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    wait_for_port(port, process)

    def stop() -> None:
        process.terminate()
        process.wait(30)
        shutil.rmtree(home)

    return Broker(OURS, f"127.0.0.1:{port}", process.pid, launched, stop)


def start_apache() -> Broker:
    kafka = ApacheKafka()
    return Broker(THEIRS, kafka.bootstrap_servers, kafka.pid, kafka.launched, kafka.stop)
