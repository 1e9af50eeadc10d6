"""The demo port: fictional, drawn by us, filed through the platform's own doors."""
