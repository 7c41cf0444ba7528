"""An interactive shell for ad hoc commands: what is typed, what it means, what it leaves behind for the next line."""
