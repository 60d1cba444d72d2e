"""What an answer holds: explicit fields, references only, never a database id or an identifier of a person."""
