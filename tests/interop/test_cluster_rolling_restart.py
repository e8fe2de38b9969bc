"""Brokers restart one after the other while real clients write and read: each record is there once and in order."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import pytest
from clients import ALL, Client
from cluster import SHORT_SESSIONS, Topic, wait_until
from record import Record

from kafkascope import LocalCluster

CLIENTS = [client for client in ALL if client.name != "kcat" and not client.absent]
BROKERS = 3
RECORDS = 200  # a client, while one broker restarts
COUNT = 1 + BROKERS * RECORDS  # the first is sent before all restarts


class Pace:
    """Gives out records steadily, as far as they are released."""

    def __init__(self) -> None:
        self._released = threading.Semaphore(0)
        self._never = threading.Event()

    def release(self, count: int) -> None:
        self._released.release(count)

    def records(self) -> Iterator[Record]:
        for number in range(COUNT):
            self._released.acquire()
            self._never.wait(0.005)
            yield Record(b"key", b"%d" % number, (), 1_700_000_000_000 + number)


@pytest.mark.parametrize("controller_is", ["last", "first"])
def test_clients_go_on_while_brokers_restart(controller_is: str) -> None:
    with (
        LocalCluster(BROKERS, processes=True, config=SHORT_SESSIONS) as cluster,
        ThreadPoolExecutor(2 * len(CLIENTS)) as pool,
    ):
        bootstrap = cluster.bootstrap_servers
        topics = {client: Topic(bootstrap, client.name, 1) for client in CLIENTS}
        paces = {client: Pace() for client in CLIENTS}
        read = {c: pool.submit(c.consume, bootstrap, c.name, COUNT) for c in CLIENTS}
        written = {
            c: pool.submit(c.produce, bootstrap, c.name, "none", paces[c].records())
            for c in CLIENTS
        }
        try:
            release(paces, 1)
            await_written(topics, 1)
            first = topics[CLIENTS[0]]
            for restarts, broker_id in enumerate(order(first.controller(), controller_is), 1):
                release(paces, RECORDS)
                cluster.broker(broker_id).stop()
                cluster.broker(broker_id).start()
                for topic in topics.values():
                    topic.await_in_sync()
                await_written(topics, 1 + restarts * RECORDS)
        finally:
            release(paces, COUNT)  # also after a failure, so that the threads end
        failures = [check(c, written[c], read[c], topics[c]) for c in CLIENTS]
        assert not any(failures), "\n".join(filter(None, failures))


def release(paces: dict[Client, Pace], count: int) -> None:
    for pace in paces.values():
        pace.release(count)


def await_written(topics: dict[Client, Topic], end: int) -> None:
    for topic in topics.values():
        wait_until(f"{topic.name} has {end} records", lambda topic=topic: topic.end(0) >= end)


def order(controller: int, controller_is: str) -> list[int]:
    others = [i for i in range(1, BROKERS + 1) if i != controller]
    return [controller, *others] if controller_is == "first" else [*others, controller]


def check(client: Client, written: Future[None], read: Future[list[Record]], topic: Topic) -> str:
    """What went wrong for this client; empty when nothing did."""
    expected = [b"%d" % number for number in range(COUNT)]
    try:
        written.result(180)
        seen = [record.value for record in read.result(180)]
    except Exception as error:
        return f"{client.name}: {error!r}"
    log = topic.read()[0]
    if log != expected:
        lost, double = len(set(expected) - set(log)), len(log) - len(set(log))
        return (
            f"{client.name}: {len(log)} of {len(expected)} in the log, {lost} lost, {double} double"
        )
    return "" if seen == log else f"{client.name}: read {len(seen)}, other than the log has"
