"""Transport documents of all modes and the papers that travel with them."""
