"""The generated doors: REST routes, OpenAPI and problem+json out of the registry."""
