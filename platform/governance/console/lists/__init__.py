"""The lists of the console: Django admin changelists, read only but for bulk deeds."""
