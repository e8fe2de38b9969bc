"""One broker from a server.properties file. Nothing is imported here that a broker does not need."""

from __future__ import annotations

import signal
import sys
import threading

from kafkascope import _core


def serve(properties: str) -> None:
    """Runs a broker until Ctrl-C or SIGTERM; what keeps it from starting is one line and exit status 1."""
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
    print(f"kafkascope is ready: bootstrap.servers={broker.host}:{broker.port}", flush=True)
    wait_for_signal()
    broker.shutdown()
    print("stopped")


def wait_for_signal() -> None:
    """Until Ctrl-C or SIGTERM."""
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    stop.wait()
