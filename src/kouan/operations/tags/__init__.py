"""Data tags (数据标签) and the libraries of the auxiliary domain (辅助域; HS/T 82 7.2.4 b))."""
