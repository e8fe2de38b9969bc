"""`python -m kafkascope`."""

from kafkascope.cli import main

main()
