"""One file a language: the words by which the bar knows apologies, evasions, blame and promises."""
