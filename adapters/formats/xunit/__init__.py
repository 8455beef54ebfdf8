"""Results of xUnit.net."""
