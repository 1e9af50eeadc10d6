"""Registry of the standards that the platform follows: status, owners, local differences, who uses them, and their revision."""
