"""The `kafkascope` command: its verbs, and how errors reach a person."""

from __future__ import annotations

import sys

import typer

from kafkascope import __version__
from kafkascope.cli import demo, simulate, start

app = typer.Typer(
    no_args_is_help=True, add_completion=True, help="A whole Kafka to run, read and take apart."
)
app.command("start")(start.start)
app.command("server")(start.server)
app.command("demo")(demo.demo)
app.command("simulate")(simulate.simulate)


@app.command("version")
def version() -> None:
    """Print the version."""
    print(__version__)


def main() -> None:
    """Runs the command; a KafkaError becomes one line on stderr and exit status 1."""
    from kafkascope.errors import KafkaError

    try:
        app()
    except KafkaError as error:
        print(f"kafkascope: {error}", file=sys.stderr)
        sys.exit(1)


if __name__ == "__main__":
    main()
