"""Apache ZooKeeper of the Debian package, on loopback: one server, or an ensemble."""

from __future__ import annotations

import shutil
import signal
import socket
import subprocess
import threading
import time
from pathlib import Path

from apache_kafka import free_port, write_properties

JAR = Path("/usr/share/java/zookeeper.jar")
_LOG4J = """log4j.rootLogger=WARN, out
log4j.appender.out=org.apache.log4j.ConsoleAppender
log4j.appender.out.layout=org.apache.log4j.PatternLayout
log4j.appender.out.layout.ConversionPattern=[%d] %p %m (%c)%n
"""


def absent() -> str:
    """Why Apache ZooKeeper cannot run here; empty when it can."""
    if not shutil.which("java"):
        return "not installed: java"
    return "" if JAR.exists() else "not installed: the Debian package zookeeper"


class ApacheZooKeeper:
    """One server: by itself, or a member of an ensemble whose `server.N` lines are in the settings."""

    def __init__(self, home: Path, my_id: int = 1, **settings: str) -> None:
        self.home, self.port = home, free_port()
        self.output = home / "output.log"
        config = {
            "tickTime": "1000",
            "initLimit": "10",
            "syncLimit": "5",
            "dataDir": str(home / "data"),
            "clientPort": str(self.port),
            "clientPortAddress": "127.0.0.1",
            "admin.enableServer": "false",
            "4lw.commands.whitelist": "*",
            **settings,
        }
        (home / "data").mkdir(parents=True)
        (home / "data" / "myid").write_text(f"{my_id}\n")
        (home / "log4j.properties").write_text(_LOG4J)
        self.config = write_properties(home / "zoo.cfg", config)
        self.start()

    def start(self) -> None:
        """On the same files, after kill()."""
        main = "org.apache.zookeeper.server.quorum.QuorumPeerMain"
        command = ["java", "-Xmx256m", "-XX:TieredStopAtLevel=1", "-cp", f"{self.home}:{JAR}", main]
        with open(self.output, "ab") as output:
            self.process = subprocess.Popen(
                [*command, str(self.config)], stdout=output, stderr=subprocess.STDOUT
            )

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    def mode(self) -> str:
        """ "standalone", "leader" or "follower"; empty while it does not serve."""
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=2) as asked:
                asked.sendall(b"srvr")
                answer = b"".join(iter(lambda: asked.recv(4096), b"")).decode()
        except OSError:
            return ""
        return next((line[6:] for line in answer.splitlines() if line.startswith("Mode: ")), "")

    def wait_until_serving(self, seconds: float = 60) -> str:
        """Its mode, once it has one."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            assert self.process.poll() is None, self.output.read_text()[-3000:]
            if mode := self.mode():
                return mode
            threading.Event().wait(0.05)
        raise AssertionError(f"does not serve after {seconds} s: {self.output.read_text()[-3000:]}")

    def kill(self) -> None:
        """As kill -9 does."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()


class Ensemble:
    """Three servers, each in a folder of its own."""

    def __init__(self, home: Path) -> None:
        members = {
            f"server.{i}": f"127.0.0.1:{free_port()}:{free_port()}:participant" for i in (1, 2, 3)
        }
        self.servers = [ApacheZooKeeper(home / f"zk{i}", i, **members) for i in (1, 2, 3)]

    @property
    def connect_string(self) -> str:
        return ",".join(server.address for server in self.servers)

    def leader(self) -> ApacheZooKeeper:
        """Waits until all that run have found each other."""
        modes = {
            server.wait_until_serving(): server
            for server in self.servers
            if server.process.poll() is None
        }
        return modes["leader"]

    def __enter__(self) -> Ensemble:
        return self

    def __exit__(self, *_: object) -> None:
        for server in self.servers:
            server.kill()
