"""What the gateway does: take in, link, send out."""
