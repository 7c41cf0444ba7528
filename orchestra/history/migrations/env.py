"""What Alembic runs to have a connection: the one that it was given, in the transaction that is open on it."""

from alembic import context

context.configure(connection=context.config.attributes["connection"], render_as_batch=True)
context.run_migrations()
