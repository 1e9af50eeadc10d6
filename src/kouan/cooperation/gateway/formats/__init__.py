"""How foreign partners' messages come in."""
