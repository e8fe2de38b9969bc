"""Apache Kafka 3.9 from Maven Central, on loopback: the peer that our clients, files and figures are held against."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import threading
import time
from pathlib import Path

HERE = Path(__file__).parent
CACHE = Path(os.environ.get("KAFKASCOPE_CACHE", HERE.parent.parent / ".cache" / "interop"))
_LOG4J = """log4j.rootLogger=WARN, out
log4j.appender.out=org.apache.log4j.ConsoleAppender
log4j.appender.out.layout=org.apache.log4j.PatternLayout
log4j.appender.out.layout.ConversionPattern=[%d] %p %m (%c)%n
"""


def absent() -> str:
    """Why Apache Kafka cannot run here; empty when it can."""
    missing = [tool for tool in ("java", "mvn") if not shutil.which(tool)]
    return f"not installed: {', '.join(missing)}" if missing else ""


def class_path() -> str:
    """The jars, brought once, and a log4j configuration."""
    home = CACHE / "apache-kafka"
    if not (home / "complete").exists():
        home.mkdir(parents=True, exist_ok=True)
        maven = [
            "mvn",
            "-B",
            "-q",
            f"-DoutputDirectory={home / 'libs'}",
            "dependency:copy-dependencies",
        ]
        subprocess.run(maven, cwd=HERE, check=True, timeout=900)
        (home / "log4j.properties").write_text(_LOG4J)
        (home / "complete").touch()
    return f"{home}:{home / 'libs'}/*"


def java(main: str, *arguments: str) -> list[str]:
    """The command of one of Kafka's Java mains that ends soon."""
    return ["java", "-Xmx256m", "-XX:TieredStopAtLevel=1", "-cp", class_path(), main, *arguments]


def run_tool(main: str, *arguments: str, timeout: float = 120, status: int = 0) -> str:
    """Runs one of Kafka's Java mains and returns what it printed, errors too when it is to fail."""
    done = subprocess.run(java(main, *arguments), capture_output=True, text=True, timeout=timeout)
    printed = done.stdout + done.stderr
    assert done.returncode == status, printed[-3000:]
    return printed if status else done.stdout


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_for_port(port: int, process: subprocess.Popen[bytes], seconds: float = 60) -> None:
    """Until something accepts on the port; fails at once when the process has ended."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        assert process.poll() is None, f"the process ended with {process.returncode}"
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        threading.Event().wait(0.002)
    raise AssertionError(f"nothing listens on port {port} after {seconds} s")


class JavaProcess:
    """A Java main that runs until stop(), its output in a file."""

    def __init__(self, home: Path, main: str, *arguments: str, heap: str = "512m") -> None:
        self.output = home / "output.log"
        home.mkdir(parents=True, exist_ok=True)
        command = ["java", f"-Xmx{heap}", "-XX:+UseG1GC", "-cp", class_path(), main, *arguments]
        with open(self.output, "wb") as output:
            self.process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT)

    def stop(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class ApacheKafka:
    """One broker in KRaft mode. `launched` is when its process began, formatting aside (time.monotonic())."""

    def __init__(self, home: Path | None = None, heap: str = "1g", **settings: str) -> None:
        self.home = home or Path(tempfile.mkdtemp(prefix="apache-kafka-"))
        self.port, controller = free_port(), free_port()
        config = {
            "process.roles": "broker,controller",
            "node.id": "1",
            "controller.quorum.voters": f"1@127.0.0.1:{controller}",
            "listeners": f"PLAINTEXT://127.0.0.1:{self.port},CONTROLLER://127.0.0.1:{controller}",
            "controller.listener.names": "CONTROLLER",
            "log.dirs": str(self.home / "data"),
            "offsets.topic.replication.factor": "1",
            "transaction.state.log.replication.factor": "1",
            "transaction.state.log.min.isr": "1",
            "group.initial.rebalance.delay.ms": "0",
            **{key.replace("_", "."): value for key, value in settings.items()},
        }
        path = write_properties(self.home / "server.properties", config)
        run_tool(
            "kafka.tools.StorageTool", "format", "-t", "4L6g3nShT-eMCtK--X86sw", "-c", str(path)
        )
        self.launched = time.monotonic()
        self.java = JavaProcess(self.home, "kafka.Kafka", str(path), heap=heap)
        wait_for_port(self.port, self.java.process)
        self.pid = self.java.process.pid

    @property
    def bootstrap_servers(self) -> str:
        return f"127.0.0.1:{self.port}"

    def stop(self) -> None:
        self.java.stop()
        shutil.rmtree(self.home, ignore_errors=True)

    def __enter__(self) -> ApacheKafka:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


def write_properties(path: Path, config: dict[str, str]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{key}={value}\n" for key, value in config.items()))
    return path
