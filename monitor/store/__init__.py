"""Where everything is kept: the only importer of SQLAlchemy. SQLite and PostgreSQL from one schema."""
