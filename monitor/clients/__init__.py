"""Authenticated clients of the platforms: one file each, vendor errors translated once."""
