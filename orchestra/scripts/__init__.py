"""What a Python program of the project gets that imports ``ansible`` by itself, outside any run."""
