"""What we say back: drafts, the bar, reviews, publications and alerts. May import `monitor`."""
