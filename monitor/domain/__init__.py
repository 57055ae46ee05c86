"""The rules, in the standard library alone: no input, no output, no clock of its own."""
