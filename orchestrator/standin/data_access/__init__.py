"""The part of the data-access API that feeds the other: what users and their programs ask."""
