"""Names for old interpreters."""
