"""Results of NUnit 2 and 3."""
