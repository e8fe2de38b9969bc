"""A broker for the clients to meet: one of ours, or any other that KAFKASCOPE_INTEROP_BOOTSTRAP names."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture(scope="session")
def bootstrap() -> Iterator[str]:
    given = os.environ.get("KAFKASCOPE_INTEROP_BOOTSTRAP")
    if given:
        yield given
        return
    from kafkascope import LocalCluster

    with LocalCluster(config={"num.partitions": 1}) as cluster:
        yield cluster.bootstrap_servers
