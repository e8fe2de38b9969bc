"""The `kafkascope` command."""

import sys


def main() -> None:
    """Runs the command. `server FILE` goes past the parser of options: half the memory of a broker at rest."""
    if len(sys.argv) == 3 and sys.argv[1] == "server" and not sys.argv[2].startswith("-"):
        from kafkascope.cli.serve import serve

        serve(sys.argv[2])
    else:
        from kafkascope.cli.main import main as parse

        parse()
