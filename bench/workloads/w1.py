"""W1 for pyinfra: one trivial command."""

from pyinfra.operations import server

server.shell(name="One", commands=["true"])
