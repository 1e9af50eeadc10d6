"""Integrated services (综合服务, HS/T 82 clause 10)."""
