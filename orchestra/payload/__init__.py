"""What is sent to a host, and the frames that carry it."""
