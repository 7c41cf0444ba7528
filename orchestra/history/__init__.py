"""The run store: every run is written to a journal while it goes, journals are filed into a database, and read there.

A run needs ``recorder`` and what that imports: nothing of it knows a database. ``filing`` and ``store`` do, and are
imported when journals are filed or read.
"""
