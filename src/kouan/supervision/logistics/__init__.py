"""Customs logistics: every cargo of a call from arrival to gate-out, seen from every side (海关物流平台)."""
