"""The ledger's tables, rights and guards, as idempotent statements for PostgreSQL 18 or later.

Every table is append-only by right and by trigger, for the owner too, with one exception: salt and
document hash of an entry can be set to null through `ledger_forget`. `ledger_pending` is the signer's
queue; a trigger fills it in the transaction that appends, so no entry can be stored and not queued, and tells the signer. The
trigger computes the leaf hash itself where PostgreSQL knows the suite's hash (SHA-256), else the signer does (SM3): no writer can
have another leaf signed than that of the stored body.
The roles kouan_app and kouan_signer must exist.
"""

from __future__ import annotations

from kouan.kernel.suites.suite import Suite

TOLD = "kouan_ledger"
"""Notified when something waits for the signer."""
_TABLES = (
    """
    CREATE TABLE IF NOT EXISTS ledger_entry (
        seq bigint GENERATED ALWAYS AS IDENTITY,
        id uuid PRIMARY KEY,
        at timestamptz NOT NULL,
        body bytea NOT NULL,
        salt bytea CHECK (octet_length(salt) = 16),
        document bytea CHECK (octet_length(document) = 32),
        CHECK ((salt IS NULL) = (document IS NULL))
    )""",
    """
    CREATE TABLE IF NOT EXISTS ledger_pending (
        seq bigint PRIMARY KEY,
        entry uuid NOT NULL,
        leaf bytea
    ) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000, vacuum_truncate = off)""",
    """
    CREATE TABLE IF NOT EXISTS ledger_leaf (
        leaf_index bigint PRIMARY KEY CHECK (leaf_index >= 0),
        entry uuid NOT NULL UNIQUE,
        hash bytea NOT NULL CHECK (octet_length(hash) = 32)
    )""",
    """
    CREATE TABLE IF NOT EXISTS ledger_tile (
        level int CHECK (level >= 0),
        index bigint CHECK (index >= 0),
        root bytea NOT NULL CHECK (octet_length(root) = 32),
        hashes bytea STORAGE EXTERNAL NOT NULL CHECK (octet_length(hashes) = 8192),
        PRIMARY KEY (level, index)
    )""",
    """
    CREATE TABLE IF NOT EXISTS ledger_key (
        fingerprint text PRIMARY KEY,
        spki bytea NOT NULL UNIQUE,
        since timestamptz NOT NULL,
        until timestamptz
    )""",
    """
    CREATE UNIQUE INDEX IF NOT EXISTS ledger_key_current ON ledger_key ((until IS NULL))
    WHERE until IS NULL""",
    """
    CREATE TABLE IF NOT EXISTS ledger_checkpoint (
        size bigint PRIMARY KEY CHECK (size >= 0),
        root bytea NOT NULL CHECK (octet_length(root) = 32),
        at timestamptz NOT NULL,
        key text NOT NULL REFERENCES ledger_key,
        signature bytea NOT NULL CHECK (octet_length(signature) = 64),
        body bytea NOT NULL
    )""",
    """
    CREATE TABLE IF NOT EXISTS ledger_rotation (
        number int PRIMARY KEY,
        entry uuid NOT NULL REFERENCES ledger_entry,
        body bytea NOT NULL,
        signature bytea NOT NULL CHECK (octet_length(signature) = 64)
    )""",
    """
    CREATE TABLE IF NOT EXISTS ledger_request (
        id uuid PRIMARY KEY DEFAULT uuidv7(),
        kind text NOT NULL CHECK (kind = 'rotate'),
        by text NOT NULL,
        at timestamptz NOT NULL DEFAULT now(),
        done timestamptz
    )""",
    "CREATE INDEX IF NOT EXISTS ledger_request_open ON ledger_request (at) WHERE done IS NULL",
)

_ENQUEUE = """
    CREATE OR REPLACE FUNCTION ledger_enqueue() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = public, pg_temp AS $$
    BEGIN
        INSERT INTO ledger_pending (seq, entry, leaf)
        SELECT seq, id, {leaf} FROM added;
        PERFORM pg_notify('{told}', '');
        RETURN NULL;
    END $$"""

_FUNCTIONS = (
    """
    CREATE OR REPLACE FUNCTION ledger_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION 'the ledger is append-only' USING ERRCODE = 'insufficient_privilege';
    END $$""",
    """
    CREATE OR REPLACE FUNCTION ledger_only_forget() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF (NEW.seq, NEW.id, NEW.at, NEW.body) IS DISTINCT FROM (OLD.seq, OLD.id, OLD.at, OLD.body)
           OR NEW.salt IS NOT NULL OR NEW.document IS NOT NULL THEN
            RAISE EXCEPTION 'the ledger is append-only' USING ERRCODE = 'insufficient_privilege';
        END IF;
        RETURN NEW;
    END $$""",
    """
    CREATE OR REPLACE FUNCTION ledger_forget(ids uuid[]) RETURNS bigint LANGUAGE sql SECURITY DEFINER
    SET search_path = public, pg_temp AS $$
        WITH gone AS (
            UPDATE ledger_entry SET salt = NULL, document = NULL
            WHERE id = ANY (ids) AND salt IS NOT NULL RETURNING 1)
        SELECT count(*) FROM gone
    $$""",
    "REVOKE ALL ON FUNCTION ledger_forget(uuid[]) FROM PUBLIC",
    "GRANT EXECUTE ON FUNCTION ledger_forget(uuid[]) TO kouan_app",
)

_KEPT = ("ledger_leaf", "ledger_tile", "ledger_checkpoint", "ledger_rotation")

_TRIGGERS = (
    """
    CREATE OR REPLACE TRIGGER ledger_enqueue AFTER INSERT ON ledger_entry
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION ledger_enqueue()""",
    """
    CREATE OR REPLACE TRIGGER ledger_only_forget BEFORE UPDATE ON ledger_entry
    FOR EACH ROW EXECUTE FUNCTION ledger_only_forget()""",
    """
    CREATE OR REPLACE TRIGGER ledger_refuse BEFORE DELETE OR TRUNCATE ON ledger_entry
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse()""",
    *(
        f"""
    CREATE OR REPLACE TRIGGER ledger_refuse BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse()"""
        for table in _KEPT
    ),
)

_RIGHTS = (
    "GRANT SELECT, INSERT ON ledger_entry TO kouan_app, kouan_signer",
    "GRANT SELECT ON ledger_leaf, ledger_tile, ledger_checkpoint, ledger_key, ledger_rotation TO kouan_app",
    """
    GRANT SELECT, INSERT ON ledger_leaf, ledger_tile, ledger_checkpoint, ledger_key, ledger_rotation
    TO kouan_signer""",
    "GRANT UPDATE (until) ON ledger_key TO kouan_signer",
    "GRANT SELECT ON ledger_pending TO kouan_app",
    "GRANT SELECT, DELETE, MAINTAIN ON ledger_pending TO kouan_signer",
    "GRANT SELECT, INSERT (kind, by) ON ledger_request TO kouan_app",
    "GRANT SELECT, UPDATE (done) ON ledger_request TO kouan_signer",
)


def ddl(suite: Suite) -> tuple[str, ...]:
    """The statements for a log of this suite; run by the migration role (kouan_owner), in order, as often as wanted."""
    return (*_TABLES, _ENQUEUE.format(leaf=suite.sql_leaf or "NULL", told=TOLD), *_FUNCTIONS, *_TRIGGERS, *_RIGHTS)
