"""Calls that old code makes to the server."""
