# The doors of the project. Everything is installed inside the checkout, in .venv and web/node_modules.

.PHONY: run stop reset check fix test bench bootstrap lock

# One exec, so that SIGTERM to make reaches the platform and Ctrl-C leaves nothing behind.
run:
	@exec bash scripts/bootstrap run

stop:
	@exec bash scripts/bootstrap stop

reset:
	@exec bash scripts/bootstrap reset

bootstrap:
	@exec bash scripts/bootstrap install

check: bootstrap
	@exec .venv/bin/python -m tools.check

fix: bootstrap
	@exec .venv/bin/ruff check --fix

test:
	@exec bash scripts/bootstrap test $(ARGS)

bench: bootstrap
	@exec bash scripts/bench

lock: bootstrap
	@exec bash scripts/lock
