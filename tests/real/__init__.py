"""Whole runs of real tools: queued in the stand-in, polled, run, reported, read back."""
