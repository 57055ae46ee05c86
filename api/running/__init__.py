"""One machine, one command: `amends up` starts the parts, watches them, and stops them together."""
