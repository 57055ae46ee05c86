"""What was said and what it meant: the core. Imports none of the other packages."""
