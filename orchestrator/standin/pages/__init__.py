"""The management pages: what a tester does in the vendor's web interface, on plain HTML pages."""

from .addresses import add_pages

__all__ = ["add_pages"]
