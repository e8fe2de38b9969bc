"""A broker in a process of its own, which can really be killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from kafkascope.errors import IllegalStateError, KafkaError, KafkaTimeoutError

__all__ = ["BrokerProcess"]

_READY = "bootstrap.servers="
_FORGET_SECONDS = 60


class BrokerProcess:
    """A running `kafkascope server`. It keeps its port over restarts.

    Args:
        settings: Kafka's broker keys, checked before.
        log_file: where it writes what goes wrong.
        is_registered: does ZooKeeper still think that it lives? It cannot start until the session that it had when it
            was killed has expired.

    Raises:
        KafkaError: it did not start, and why.
    """

    def __init__(
        self, settings: Mapping[str, str], log_file: Path, is_registered: Callable[[], bool]
    ) -> None:
        self._settings = dict(settings)
        self.log_file = log_file
        self._is_registered = is_registered
        self.broker_id = int(settings["broker.id"])
        self.host = "127.0.0.1"
        self.port = 0
        self._process: subprocess.Popen[str] | None = None
        self.start()

    @property
    def pid(self) -> int:
        """Of the process.

        Raises:
            IllegalStateError: it is down.
        """
        return self._running().pid

    @property
    def is_running(self) -> bool:
        """Neither stopped, killed nor ended by itself."""
        return self._process is not None and self._process.poll() is None

    @property
    def failure(self) -> str:
        """Why it serves no more though nobody stopped it; empty while it does."""
        if self._process is None or self._process.poll() is None:
            return ""
        return f"broker {self.broker_id} ended with status {self._process.returncode}: see {self.log_file}"

    def start(self) -> None:
        """Starts it again on its directories and port, and waits until it serves. No effect while it runs.

        After a kill it first waits until its last session with ZooKeeper has expired.
        """
        if self.is_running:
            return
        self._await_forgotten()
        with (
            tempfile.NamedTemporaryFile("w", suffix=".properties") as file,
            open(self.log_file, "ab") as log,
        ):
            file.writelines(f"{key}={_escaped(value)}\n" for key, value in self._settings.items())
            file.flush()
            self._process = subprocess.Popen(
                [sys.executable, "-m", "kafkascope", "server", file.name],
                stdout=subprocess.PIPE,
                stderr=log,
                stdin=subprocess.DEVNULL,
                text=True,
                start_new_session=True,  # Ctrl-C is the cluster's to handle
            )
            assert self._process.stdout is not None
            line = self._process.stdout.readline()
        if _READY not in line:
            status = self._process.wait()
            self._process.stdout.close()
            self._process = None
            raise KafkaError(f"broker {self.broker_id} did not start: {self._last_words(status)}")
        self.port = int(line.strip().rpartition(":")[2])
        self._settings["listeners"] = f"PLAINTEXT://{self.host}:{self.port}"

    def _await_forgotten(self) -> None:
        end = time.monotonic() + _FORGET_SECONDS
        while self._is_registered():
            if time.monotonic() > end:
                raise KafkaTimeoutError(
                    f"ZooKeeper still holds a session of broker {self.broker_id} after {_FORGET_SECONDS} s"
                )
            time.sleep(0.02)

    def _last_words(self, status: int) -> str:
        lines = self.log_file.read_text(errors="replace").splitlines()
        return lines[-1].removeprefix("kafkascope: ") if lines else f"status {status}"

    def stop(self) -> None:
        """A controlled shutdown: leaders move to other brokers first. No effect when it is down."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """Kill -9."""
        self._running()
        self._end(signal.SIGKILL)

    def pause(self) -> None:
        """Its threads stand still (SIGSTOP) until `resume`."""
        os.kill(self.pid, signal.SIGSTOP)

    def resume(self) -> None:
        """Ends a pause."""
        os.kill(self.pid, signal.SIGCONT)

    def _running(self) -> subprocess.Popen[str]:
        if self._process is None or self._process.poll() is not None:
            raise IllegalStateError(f"broker {self.broker_id} is down")
        return self._process

    def _end(self, number: signal.Signals) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        if process.poll() is None:
            process.send_signal(number)
        process.wait()
        assert process.stdout is not None
        process.stdout.close()

    def __repr__(self) -> str:
        state = f"pid {self.pid}" if self.is_running else "down"
        return f"<BrokerProcess {self.broker_id} at {self.host}:{self.port}, {state}>"


def _escaped(value: str) -> str:
    """As a .properties file has it."""
    return value.replace("\\", "\\\\").replace("\n", "\\n")
