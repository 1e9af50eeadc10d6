"""Quality of data: rules by column, scores over time, an open validation service (数据质量)."""
