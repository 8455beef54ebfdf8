"""TestNG's own report."""
