"""Whole journeys: the commands, the workers and the pages as one, the way people use them."""
