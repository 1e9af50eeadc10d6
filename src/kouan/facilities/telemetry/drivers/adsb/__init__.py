"""Aircraft by ADS-B: Mode S extended squitter from a receiver over TCP (Beast, AVR raw, BaseStation)."""
