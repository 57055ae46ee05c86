"""When things happen: the Celery app, the relay, the sweeper and tasks of a few lines. No rules here."""
