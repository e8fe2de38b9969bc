"""What kafka-server-start and zookeeper-server-start take: a .properties file and overrides of it."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from kafkascope import __version__, _core

Server = TypeVar("Server")


def start_from_properties(
    program: str,
    file: str,
    what: str,
    start: Callable[[Mapping[str, str]], Server],
    arguments: Sequence[str] | None,
) -> Server:
    """The server that `start` makes of the settings; what keeps it from starting is one line and exit status 1.

    Args:
        program: its name in errors.
        file: the usual name of its file.
        what: that it runs, for its help.
        start: raises KafkaError or OSError.
        arguments: those of the command line by default.
    """
    parser = argparse.ArgumentParser(program, description=f"Runs {what} until Ctrl-C.")
    parser.add_argument("properties", metavar=file, help="its keys and values")
    parser.add_argument(
        "--override",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help="a key that the file has otherwise, or not at all; may be given several times",
    )
    parser.add_argument("--version", action="version", version=__version__)
    options = parser.parse_args(arguments)
    overrides = {}
    for item in options.override:
        key, equals, overrides[key] = item.partition("=")
        if not equals:
            parser.error(f"--override {item}: expected key=value")
    try:
        with open(options.properties):
            pass
        return start({**_core.read_properties(options.properties), **overrides})
    except Exception as error:
        from kafkascope.errors import KafkaError

        if not isinstance(error, (KafkaError, OSError)):
            raise
        print(f"{program}: {error}", file=sys.stderr)
        sys.exit(1)
