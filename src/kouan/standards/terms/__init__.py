"""Terms of smart ports in both languages, with definition, source and classification."""
