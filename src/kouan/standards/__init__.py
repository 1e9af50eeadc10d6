"""标准体系, the standards board: identifiers, code lists, and the clauses that the platform serves."""
