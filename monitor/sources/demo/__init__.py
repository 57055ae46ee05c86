"""Posts about Vela, a shop that does not exist, by people who do not either: one JSON object a line."""
