"""Code lists of international trade, with their sources; `api` is the public face."""
