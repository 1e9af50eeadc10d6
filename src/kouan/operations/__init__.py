"""Operation management (运行管理, HS/T 82 clause 8)."""
