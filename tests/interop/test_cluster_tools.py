"""Apache Kafka's command line tools against three brokers: they do their work and print what they print for Kafka."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import apache_kafka
import pytest
from apache_kafka import run_tool
from cluster import SHORT_SESSIONS, Topic, wait_until

from kafkascope import LocalCluster

pytest.importorskip("confluent_kafka")
if apache_kafka.absent():
    pytest.skip(apache_kafka.absent(), allow_module_level=True)

TOPICS = "org.apache.kafka.tools.TopicCommand"
CONFIGS = "kafka.admin.ConfigCommand"
REASSIGN = "org.apache.kafka.tools.reassign.ReassignPartitionsCommand"
ELECT = "org.apache.kafka.tools.LeaderElectionCommand"
OFFSETS = "org.apache.kafka.tools.GetOffsetShell"
LOG_DIRS = "org.apache.kafka.tools.LogDirsCommand"
CLUSTER = "org.apache.kafka.tools.ClusterTool"
VERIFY = "org.apache.kafka.tools.ReplicaVerificationTool"


@pytest.fixture(scope="module")
def cluster() -> Iterator[LocalCluster]:
    config = {**SHORT_SESSIONS, "auto.leader.rebalance.enable": False}  # elections are the tests'
    with LocalCluster(3, processes=True, config=config) as running:
        yield running


def tool(cluster: LocalCluster, main: str, arguments: str, status: int = 0) -> str:
    """What it prints; the arguments as in a shell, without quotes."""
    server = ("--bootstrap-server", cluster.bootstrap_servers)
    return run_tool(main, *server, *arguments.split(), status=status)


def test_topics(cluster: LocalCluster) -> None:
    created = tool(
        cluster,
        TOPICS,
        "--create --topic orders --replica-assignment 1:2:3,2:3:1 --config retention.ms=86400000",
    )
    assert created == "Created topic orders.\n"
    assert "orders\n" in tool(cluster, TOPICS, "--list")
    lines = tool(cluster, TOPICS, "--describe --topic orders").splitlines()
    assert re.fullmatch(
        r"Topic: orders\tTopicId: [\w-]{22}\tPartitionCount: 2\tReplicationFactor: 3"
        r"\tConfigs: min.insync.replicas=2,retention.ms=86400000",
        lines[0],
    ), lines[0]
    assert [line.split("\tElr")[0] for line in lines[1:]] == [
        "\tTopic: orders\tPartition: 0\tLeader: 1\tReplicas: 1,2,3\tIsr: 1,2,3",
        "\tTopic: orders\tPartition: 1\tLeader: 2\tReplicas: 2,3,1\tIsr: 2,3,1",
    ]
    assert tool(cluster, TOPICS, "--alter --topic orders --partitions 3") == ""
    refused = tool(cluster, TOPICS, "--alter --topic orders --partitions 1", status=1)
    assert "1 would not be an increase" in refused
    refused = tool(cluster, TOPICS, "--create --topic many --replication-factor 4", status=1)
    assert "InvalidReplicationFactorException" in refused
    assert "TopicExistsException: Topic 'orders' already exists." in tool(
        cluster, TOPICS, "--create --topic orders", status=1
    )
    assert tool(cluster, TOPICS, "--delete --topic orders") == ""
    wait_until("orders is gone", lambda: "orders" not in tool(cluster, TOPICS, "--list"))


def test_configs(cluster: LocalCluster) -> None:
    Topic(cluster.bootstrap_servers, "configured", 1)
    topic = "--entity-type topics --entity-name configured"
    tool(
        cluster,
        CONFIGS,
        f"--alter {topic} --add-config max.message.bytes=2000000,cleanup.policy=[compact,delete]",
    )
    described = tool(cluster, CONFIGS, f"--describe {topic}")
    assert (
        "max.message.bytes=2000000 sensitive=false synonyms={DYNAMIC_TOPIC_CONFIG:"
        "max.message.bytes=2000000, DEFAULT_CONFIG:message.max.bytes=1048588}" in described
    )
    assert "cleanup.policy=compact,delete" in described
    tool(cluster, CONFIGS, f"--alter {topic} --delete-config max.message.bytes")
    assert "max.message.bytes" not in tool(cluster, CONFIGS, f"--describe {topic}")
    refused = tool(cluster, CONFIGS, f"--alter {topic} --add-config retention.ms=abc", status=1)
    assert "InvalidConfigurationException" in refused
    broker = "--entity-type brokers --entity-name 1"
    tool(cluster, CONFIGS, f"--alter {broker} --add-config log.cleaner.threads=2")
    assert "DYNAMIC_BROKER_CONFIG:log.cleaner.threads=2" in tool(
        cluster, CONFIGS, f"--describe {broker}"
    )


def test_reassign_partitions(cluster: LocalCluster, tmp_path: Path) -> None:
    tool(cluster, TOPICS, "--create --topic moved --replica-assignment 1:2,2:3")
    produce(cluster, "moved", 0, 3000, size=1000)  # more than one fetch of 1 MiB
    moved, plan = tmp_path / "topics.json", tmp_path / "plan.json"
    moved.write_text('{"version":1,"topics":[{"topic":"moved"}]}')
    proposed = tool(
        cluster, REASSIGN, f"--generate --topics-to-move-json-file {moved} --broker-list 1,2,3"
    )
    current = json.loads(proposed.splitlines()[1])
    assert [p["replicas"] for p in current["partitions"]] == [[1, 2], [2, 3]]
    partitions = [
        {"topic": "moved", "partition": 0, "replicas": [3, 1]},
        {"topic": "moved", "partition": 1, "replicas": [1, 2]},
    ]
    plan.write_text(json.dumps({"version": 1, "partitions": partitions}))
    file = f"--reassignment-json-file {plan}"
    started = tool(cluster, REASSIGN, f"--execute {file} --throttle 1000")
    assert "The inter-broker throttle limit was set to 1000 B/s" in started
    assert "Successfully started partition reassignments for moved-0,moved-1" in started
    running = tool(cluster, REASSIGN, f"--verify {file} --preserve-throttles")
    assert "Reassignment of partition moved-0 is still in progress." in running
    assert "moved-0: replicas: 3,1,2. adding: 3. removing: 2." in tool(cluster, REASSIGN, "--list")
    cancelled = tool(cluster, REASSIGN, f"--cancel {file}")
    assert re.match(r"Successfully cancelled partition reassignments? for: moved-0\b", cancelled)
    described = tool(cluster, TOPICS, "--describe --topic moved")
    assert "Partition: 0\tLeader: 1\tReplicas: 1,2\t" in described
    tool(cluster, REASSIGN, f"--execute {file}")
    wait_until("moved", lambda: "in progress" not in tool(cluster, REASSIGN, f"--verify {file}"))
    done = tool(cluster, REASSIGN, f"--verify {file}")
    assert "Reassignment of partition moved-0 is completed." in done
    assert "Clearing topic-level throttles on topic moved" in done
    described = tool(cluster, TOPICS, "--describe --topic moved")
    assert "Partition: 0\tLeader: 1\tReplicas: 3,1\t" in described
    assert "Partition: 1\tLeader: 2\tReplicas: 1,2\t" in described
    assert offsets(cluster, "moved") == ["moved:0:3000", "moved:1:0"]


def test_elections(cluster: LocalCluster) -> None:
    tool(
        cluster,
        TOPICS,
        "--create --topic elected --replica-assignment 1:2:3 --config min.insync.replicas=1",
    )
    produce(cluster, "elected", 0, 10)
    partition = "--topic elected --partition 0"
    cluster.broker(1).stop()
    cluster.broker(1).start()
    await_described(cluster, "elected", "Leader: 2", "Isr: 2,3,1")
    elected = tool(cluster, ELECT, f"--election-type preferred {partition}")
    assert "Successfully completed leader election (PREFERRED)" in elected
    await_described(cluster, "elected", "Leader: 1")
    cluster.broker(2).stop()
    cluster.broker(3).stop()
    produce(cluster, "elected", 0, 1, acks="1")  # only broker 1 has it
    cluster.broker(1).kill()
    cluster.broker(2).start()
    cluster.broker(3).start()
    await_described(cluster, "elected", "Leader: none", "Isr: 1")
    elected = tool(cluster, ELECT, f"--election-type unclean {partition}")
    assert "Successfully completed leader election (UNCLEAN)" in elected
    assert offsets(cluster, "elected") == ["elected:0:10"]
    cluster.broker(1).start()
    Topic(cluster.bootstrap_servers, "elected", 1, create=False)  # waits until it is in sync
    assert_no_lag(cluster, "elected")


def test_what_is_where(cluster: LocalCluster) -> None:
    tool(cluster, TOPICS, "--create --topic sized --replica-assignment 1:2:3")
    produce(cluster, "sized", 0, 100)
    assert offsets(cluster, "sized") == ["sized:0:100"]
    assert offsets(cluster, "sized", "--time earliest") == ["sized:0:0"]
    printed = tool(cluster, LOG_DIRS, "--describe --topic-list sized").splitlines()
    assert printed[:2] == [
        "Querying brokers for log directories information",
        "Received log directory information from brokers 1,2,3",
    ]
    brokers = json.loads(printed[2])["brokers"]
    sizes = {b["broker"]: b["logDirs"][0]["partitions"][0]["size"] for b in brokers}
    assert len(sizes) == 3 and len(set(sizes.values())) == 1 and sizes[1] > 1000
    cluster_id = run_tool(CLUSTER, "cluster-id", "--bootstrap-server", cluster.bootstrap_servers)
    assert re.fullmatch(r"Cluster ID: [\w-]{22}\n", cluster_id)
    assert_no_lag(cluster, "sized")


def produce(
    cluster: LocalCluster, topic: str, partition: int, count: int, acks: str = "all", size: int = 10
) -> None:
    from confluent_kafka import Producer

    producer = Producer({"bootstrap.servers": cluster.bootstrap_servers, "acks": acks})
    for number in range(count):
        producer.produce(topic, b"%d" % number + b"." * size, partition=partition)
    assert producer.flush(30) == 0


def offsets(cluster: LocalCluster, topic: str, arguments: str = "") -> list[str]:
    printed = tool(cluster, OFFSETS, f"--topic {topic} {arguments}")
    return [line for line in printed.splitlines() if line.startswith(topic)]  # no log lines


def await_described(cluster: LocalCluster, topic: str, *parts: str) -> None:
    def described() -> bool:
        line = tool(cluster, TOPICS, f"--describe --topic {topic}").splitlines()[1]
        return all(part in line for part in parts)

    wait_until(f"{topic} is described with {parts}", described)


def assert_no_lag(cluster: LocalCluster, topic: str) -> None:
    """kafka-replica-verification compares all replicas, byte for byte, until it is killed."""
    command = apache_kafka.java(VERIFY, "--broker-list", cluster.bootstrap_servers)
    command += ["--topics-include", topic, "--report-interval-ms", "200"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as verification:
        try:
            assert verification.stdout is not None
            reports = (line for line in verification.stdout if "max lag" in line)
            report = next(reports)
            assert f"max lag is 0 for partition {topic}-0" in report, report
        finally:
            verification.kill()
