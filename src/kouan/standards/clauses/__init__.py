"""The mission's clauses: what the platform is to do, row by row; `api` is the public face."""
