"""The QAComplete Test Automation API, version 2, from the side of its hosts."""
