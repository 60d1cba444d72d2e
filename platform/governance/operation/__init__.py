"""Running the house: the processes of `manage.py up`, and what `manage.py doctor` looks at."""
