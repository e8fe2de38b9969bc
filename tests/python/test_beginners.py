"""Mistakes of a beginner, and what they are told. Each runs as a program of its own, as a beginner's does."""

from __future__ import annotations

import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

import kafkascope as ks


@pytest.fixture(scope="module")
def where() -> Iterator[str]:
    with ks.LocalCluster() as cluster:
        yield cluster.bootstrap_servers


def run(program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", program, *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60)


def test_forgotten_flush_loses_nothing(where: str) -> None:
    program = """
import sys, kafkascope as ks
producer = ks.KafkaProducer(bootstrap_servers=sys.argv[1], linger_ms=2000)
for i in range(100):
    producer.send("forgotten", str(i).encode())
"""
    finished = run(program, where)
    assert (finished.returncode, finished.stderr) == (0, "")
    with ks.KafkaConsumer(
        "forgotten",
        bootstrap_servers=where,
        auto_offset_reset="earliest",
        consumer_timeout_ms=10_000,
    ) as consumer:
        assert [int(next(consumer).value) for _ in range(100)] == list(range(100))


def test_records_that_did_not_get_out_are_counted_at_exit() -> None:
    program = """
import kafkascope as ks
from kafkascope import producer as module
module._EXIT_TIMEOUT_S = 0.3
cluster = ks.LocalCluster()
producer = ks.KafkaProducer(bootstrap_servers=cluster.bootstrap_servers, linger_ms=60_000)
producer.partitions_for("lost")
cluster.close()
for i in range(7):
    producer.send("lost", b"x")
"""
    finished = run(program)
    assert finished.returncode == 0
    assert re.search("7 records were not sent within 0.3 s", finished.stderr), finished.stderr


def test_a_dead_advertised_listener_is_named() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    real = f"127.0.0.1:{port}"
    config = {"advertised.listeners": "PLAINTEXT://127.0.0.1:1"}
    with ks.LocalCluster(ports=[port], config=config):
        started = time.monotonic()
        program = "import sys, kafkascope as ks; ks.KafkaProducer(bootstrap_servers=sys.argv[1])"
        finished = run(program, real)
        assert time.monotonic() - started < 6
    last = finished.stderr.strip().splitlines()[-1]
    assert f"bootstrap server {real} answered, but" in last
    assert "advertises 127.0.0.1:1: " in last and "refused" in last


@pytest.mark.parametrize("answer", ["1", None, 2**40, 0.0])
def test_a_partitioner_that_returns_no_number(where: str, answer: object) -> None:
    with (
        ks.KafkaProducer(bootstrap_servers=where, partitioner=lambda *_: answer) as producer,
        pytest.raises(TypeError, match=r"the partitioner returned .* for topic t: expected the"),
    ):
        producer.send("t", b"x")


def test_a_partitioner_that_fails_or_is_none(where: str) -> None:
    def broken(*_: object) -> int:
        raise ZeroDivisionError("mine")

    with (
        ks.KafkaProducer(bootstrap_servers=where, partitioner=broken) as producer,
        pytest.raises(ZeroDivisionError, match="mine"),
    ):
        producer.send("t", b"x")
    with pytest.raises(ks.errors.KafkaConfigurationError, match="expected a function, got int"):
        ks.KafkaProducer(bootstrap_servers=where, partitioner=3)


WAITS = {
    "send for buffer memory": """
producer = ks.KafkaProducer(bootstrap_servers=where, linger_ms=60_000, buffer_memory=40_000, acks=1)
producer.partitions_for("t")
cluster.close()
print("ready", flush=True)
while True:
    producer.send("t", b"x" * 1000)
""",
    "get": """
producer = ks.KafkaProducer(bootstrap_servers=where, linger_ms=60_000)
sent = producer.send("t", b"x")
print("ready", flush=True)
sent.get(timeout=60)
""",
    "flush": """
producer = ks.KafkaProducer(bootstrap_servers=where)
producer.partitions_for("t")
cluster.close()
producer.send("t", b"x")
print("ready", flush=True)
producer.flush()
""",
    "poll": """
consumer = ks.KafkaConsumer("t", bootstrap_servers=where)
print("ready", flush=True)
consumer.poll(60_000)
""",
}


@pytest.mark.parametrize("call", WAITS.values(), ids=WAITS.keys())
def test_ctrl_c_ends_every_wait(call: str) -> None:
    """SIGINT to the traceback's last line; how fast the interpreter then leaves is another matter."""
    program = f"""
import os, signal, time, kafkascope as ks
signal.signal(signal.SIGINT, signal.default_int_handler)
cluster = ks.LocalCluster(config={{"auto.create.topics.enable": True}})
where = cluster.bootstrap_servers
try:
{"".join("    " + line + chr(10) for line in call.strip().splitlines())}
except KeyboardInterrupt:
    print("interrupted", flush=True)
    os._exit(0)
"""
    with subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(0.5)  # it does wait
        started = time.monotonic()
        process.send_signal(signal.SIGINT)
        assert process.stdout.readline() == "interrupted\n"
        assert time.monotonic() - started < 0.2
