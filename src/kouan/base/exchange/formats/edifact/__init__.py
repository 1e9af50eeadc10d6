"""UN/EDIFACT."""
