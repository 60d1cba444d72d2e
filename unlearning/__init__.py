"""Unlearning as a pure torch library with a runner; no Django, no Celery."""
