"""Celery workers: the only code that knows both governance and the job folder."""
