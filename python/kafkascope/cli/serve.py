"""One broker from a server.properties file. Nothing is imported here that a broker does not need."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Sequence
from typing import Protocol

from kafkascope import _core


def serve(properties: str) -> None:
    """Runs a broker until Ctrl-C, SIGTERM or its failure; what keeps it from going on is one line and exit status 1."""
    try:
        with open(properties):
            pass
        broker = _core.Broker(_core.read_properties(properties))
    except Exception as error:
        from kafkascope.errors import KafkaError

        if not isinstance(error, (KafkaError, OSError)):
            raise
        print(f"kafkascope: {error}", file=sys.stderr)
        sys.exit(1)
    serve_broker(broker)


def serve_broker(broker: _core.Broker) -> None:
    """As `serve`, once it has started."""
    stop = catch_signals()
    print(f"kafkascope is ready: bootstrap.servers={broker.host}:{broker.port}", flush=True)
    failure = wait_for_end(stop, [broker])
    broker.shutdown()
    end(failure)


class Server(Protocol):
    """A broker, or what wraps one."""

    @property
    def failure(self) -> str: ...


def catch_signals() -> threading.Event:
    """Set by Ctrl-C and SIGTERM from now on. To be called before others learn that the broker is ready."""
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    return stop


def wait_for_end(stop: threading.Event, brokers: Sequence[Server]) -> str:
    """Until a signal (empty), or until none of the brokers serves any more (why)."""
    while not stop.wait(0.5):
        failures = [broker.failure for broker in brokers]
        if all(failures):
            return failures[0]
    return ""


def end(failure: str) -> None:
    """The last line, and exit status 1 for a failure."""
    if failure:
        print(f"kafkascope: {failure}", file=sys.stderr)
        sys.exit(1)
    print("stopped")
