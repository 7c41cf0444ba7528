"""W2 for pyinfra: twenty trivial commands."""

from pyinfra.operations import server

for number in range(1, 21):
    server.shell(name=f"Command {number}", commands=["true"])
