"""The pages of the console: each gathers what it shows and renders it; nothing is changed here."""
