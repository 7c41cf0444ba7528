"""What executes on a host: standard library only, Python 3.6 and later."""
