"""Regional cooperation (区域合作, HS/T 82 clause 11)."""
