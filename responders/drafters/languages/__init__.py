"""One file a language: everything that the composing drafter can say in it."""
