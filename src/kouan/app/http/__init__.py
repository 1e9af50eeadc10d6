"""The HTTP door: routes of all modules, generated record routes, the web client."""
