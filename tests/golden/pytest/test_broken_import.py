"""A module that pytest cannot collect."""

import no_such_module

assert no_such_module
