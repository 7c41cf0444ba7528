"""``python -m orchestra``: the same as the ``orchestra`` command, for an interpreter of one's choice."""

from orchestra.cli.main import main

if __name__ == "__main__":
    main()
