"""Names of permissions."""
