"""Receipts: the chain of answers to a submission."""
