"""labfleet: one process that holds many test hosts, runs their tests and reports every verdict."""

__version__ = "0.1.0"
