"""Facts about a Linux machine: one file for each family of facts, each a pure function over a `Source`."""
