"""Visual Studio test results."""
