"""How Alembic reaches the database: over the connection that `Database.migrate` hands it."""

from alembic import context

from lipwright.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    version_table="lipwright_version",
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
