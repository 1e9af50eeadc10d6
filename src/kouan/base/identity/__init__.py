"""Identity: organisations, accounts, roles, tokens, sessions and sign-in (HS/T 82-2024, 7.2.2f)."""
