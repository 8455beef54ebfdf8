"""A whole lab on one machine: the stand-in, a fleet of hosts, and real runs with known ends."""

from orchestrator.demo.show import run_demo

__all__ = ["run_demo"]
