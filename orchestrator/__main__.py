"""`python -m orchestrator` is `labfleet`."""

from orchestrator.cli import main

main()
