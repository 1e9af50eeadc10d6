"""Port calls of ships and the persons aboard."""
