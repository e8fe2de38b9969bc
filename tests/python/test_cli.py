"""The command line, run as a person runs it."""

from __future__ import annotations

import re
import shutil
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

import kafkascope as ks


def start(
    *arguments: str, stderr: int | None = None, module: str = "kafkascope"
) -> tuple[subprocess.Popen[str], str]:
    """A command that prints where its broker listens."""
    process = subprocess.Popen(
        [sys.executable, "-m", module, *arguments],
        stdout=subprocess.PIPE,
        stderr=stderr,
        text=True,
    )
    assert process.stdout is not None
    line = process.stdout.readline()
    found = re.search(r"bootstrap\.servers=(\S+)", line)
    assert found, line
    return process, found[1]


def test_start_serves_until_sigterm() -> None:
    process, bootstrap = start("start", "--config", "num.partitions=3")
    with ks.KafkaProducer(bootstrap_servers=bootstrap) as producer:
        assert producer.send("t", b"x").get(10).offset == 0
        assert producer.partitions_for("t") == {0, 1, 2}
    process.send_signal(signal.SIGTERM)
    assert process.wait(20) == 0


def test_server_properties_starts_a_broker(tmp_path: Path) -> None:
    properties = tmp_path / "server.properties"
    properties.write_text(
        f"# a comment\nbroker.id = 7\nlisteners=PLAINTEXT://127.0.0.1:0\nlog.dirs={tmp_path}/data\n"
    )
    process, bootstrap = start("server", str(properties))
    with ks.KafkaAdminClient(bootstrap_servers=bootstrap) as admin:
        assert admin.describe_cluster()["brokers"][0]["node_id"] == 7
    process.send_signal(signal.SIGINT)
    assert process.wait(20) == 0
    assert (tmp_path / "data" / ".kafka_cleanshutdown").exists()


def test_kafka_server_start_joins_a_zookeeper(tmp_path: Path) -> None:
    properties = tmp_path / "server.properties"
    with ks.ZooKeeperServer(tmp_path / "zookeeper") as zookeeper:
        properties.write_text(
            f"broker.id=1\nlisteners=PLAINTEXT://127.0.0.1:0\nlog.dirs={tmp_path}/data\n"
            f"zookeeper.connect={zookeeper.connect_string}\n"
        )
        started = [
            start(
                str(properties),
                "--override",
                f"broker.id={id}",
                "--override",
                f"log.dirs={tmp_path}/{id}",
                module="kafkascope.cli.kafka_server",
            )
            for id in (1, 2)
        ]
        assert {"/brokers/ids/1", "/brokers/ids/2"} <= set(zookeeper.nodes())
        for process, _ in started:
            process.send_signal(signal.SIGTERM)
            assert process.wait(20) == 0


@pytest.mark.parametrize(
    ("overrides", "told"),
    [
        (["broker.idd=1"], "did you mean broker.id"),
        (["broker.id"], "--override broker.id: expected key=value"),
        (["zookeeper.connect=127.0.0.1:1", "zookeeper.connection.timeout.ms=100"], "127.0.0.1:1"),
    ],
)
def test_what_keeps_a_broker_from_starting_is_told(
    tmp_path: Path, overrides: list[str], told: str
) -> None:
    properties = tmp_path / "server.properties"
    properties.write_text(f"log.dirs={tmp_path}/data\n")
    command = [sys.executable, "-m", "kafkascope.cli.kafka_server"]
    options = [word for override in overrides for word in ("--override", override)]
    done = subprocess.run(
        [*command, str(properties), *options], capture_output=True, text=True, timeout=60
    )
    assert done.returncode in (1, 2)
    last = done.stderr.splitlines()[-1]
    assert "kafka-server-start: " in last
    assert told in last
    none = subprocess.run([*command, "/none"], capture_output=True, text=True, timeout=60)
    assert none.stderr == "kafka-server-start: [Errno 2] No such file or directory: '/none'\n"
    assert none.returncode == 1


@pytest.mark.parametrize("options", [[], ["--processes"]])
def test_start_forms_a_cluster(options: list[str]) -> None:
    process, bootstrap = start("start", "--brokers", "3", *options)
    with ks.KafkaAdminClient(bootstrap_servers=bootstrap) as admin:
        assert len(admin.describe_cluster()["brokers"]) == 3
    process.send_signal(signal.SIGTERM)
    assert process.wait(20) == 0


def test_a_broker_whose_disk_is_gone_ends(tmp_path: Path) -> None:
    data = tmp_path / "data"
    process, bootstrap = start("start", "--data-dir", str(data))
    with ks.KafkaProducer(bootstrap_servers=bootstrap, max_block_ms=1000) as producer:
        producer.send("t", b"x").get(10)
        shutil.rmtree(data)
        with pytest.raises(ks.errors.KafkaTimeoutError):
            producer.send("another", b"x").get(10)
    assert process.wait(20) == 1


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        (b"GET / HTTP/1.1\r\n\r\n", "frame of 1195725856 bytes: expected 0 to 104857600"),
        (b"\xff\xff\xff\xff", "frame of -1 bytes"),
        (b"\0\0\0\x02\0\x03", "bad request"),
        (b"\0\0\0\x0a\x7f\xff\0\0\0\0\0\0\xff\xff", "bad request"),
        (b"\0\0\0\x0e\0\x03\0\0\0\0\0\0\xff\xff\x7f\xff\xff\xff", "METADATA v0"),
    ],
)
def test_a_bad_frame_is_one_line(sent: bytes, told: str) -> None:
    process, bootstrap = start("start", stderr=subprocess.PIPE)
    host, port = bootstrap.split(":")
    with socket.create_connection((host, int(port))) as client:
        client.sendall(sent)
        assert client.recv(1) == b"", "the broker closes the connection"
        peer = f"{host}:{client.getsockname()[1]}"
    process.send_signal(signal.SIGTERM)
    lines = process.communicate(timeout=20)[1].splitlines()
    assert len(lines) == 1, lines
    assert told in lines[0]
    assert peer in lines[0]


def test_mistakes_are_one_line() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "kafkascope", "start", "--config", "num.partitionz=3"],
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert done.returncode == 1
    assert "did you mean num.partitions" in done.stderr
    assert "Traceback" not in done.stderr


def test_demo_accounts_for_every_flight() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "kafkascope", "demo", "--limit", "5000"],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    told = " ".join(done.stdout.split())
    assert "every one of 5,000 departures came back once" in told
    assert re.search(r"kill -9 of broker \d, which led flights-0, after 2,500 records", told)
