"""Stand-ins for testing tools that cannot run here; each says so in its name and its output."""
