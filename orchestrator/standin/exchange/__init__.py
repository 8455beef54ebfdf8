"""The whole of the stand-in's data as one file, from there back, and away with it."""

from .exporting import export_data
from .importing import Imported, import_data
from .resetting import reset_data

__all__ = ["Imported", "export_data", "import_data", "reset_data"]
