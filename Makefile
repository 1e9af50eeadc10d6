# The doors of the project. Everything is installed inside the checkout, in .venv and web/node_modules.

.PHONY: run stop reset check fix prepare test faults bench bootstrap lock

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

prepare:
	@exec bash scripts/bootstrap prepare

test:
	@exec bash scripts/bootstrap test $(ARGS)

# Receivers, stores and room stay away for ten minutes each instead of the 15 seconds of `make test`; what is tried by turns takes that of the day.
faults: bootstrap
	@KOUAN_OUTAGE_SECONDS="$${KOUAN_OUTAGE_SECONDS:-600}" KOUAN_LONG_MB="$${KOUAN_LONG_MB:-10240}" \
		KOUAN_TURN="$${KOUAN_TURN:-$$(($$(date +%s) / 86400))}" exec .venv/bin/python -m pytest tests/faults \
		tests/base/ingest/test_length.py tests/conformance/crossing tests/app/http/test_schema.py $(ARGS)

bench: bootstrap
	@exec bash scripts/bench

lock: bootstrap
	@exec bash scripts/lock
