"""The transport authority's system."""
