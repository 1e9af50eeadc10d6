"""Composition: the HTTP service, the command line, the workers. The only room that may see all."""
