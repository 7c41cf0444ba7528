"""Changes of the tables; a file is never edited once a release has it."""
