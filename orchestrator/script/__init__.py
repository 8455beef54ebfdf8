"""A test's script: where it lies, and how it is unpacked without harm."""
