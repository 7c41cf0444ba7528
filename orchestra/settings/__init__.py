"""One frozen Settings object from files, environment and flags."""
