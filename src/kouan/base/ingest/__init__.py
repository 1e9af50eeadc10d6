"""Extraction of data: sources set up by their owners, mapped, cleaned, checked, counted and resumable (数据抽取)."""
