"""How good a judge is: measured on labelled posts, compared with what was promised, and drawn."""

from monitor.evaluation.report import Report, measure

__all__ = ["Report", "measure"]
