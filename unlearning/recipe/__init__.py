"""An owner's own training command, run apart and believed in nothing."""
