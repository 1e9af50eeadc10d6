"""IATA Cargo-XML air waybills."""
