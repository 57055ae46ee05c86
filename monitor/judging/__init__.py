"""How the judge and the team learn of each other: reasons, corrections, checks, layers, trials, thresholds."""
