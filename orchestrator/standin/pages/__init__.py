"""The management pages: what a tester does in the vendor's web interface, on plain HTML pages."""

from .addresses import add_pages
from .nothing import show_nothing_here

__all__ = ["add_pages", "show_nothing_here"]
