"""The JUnit XML family."""
