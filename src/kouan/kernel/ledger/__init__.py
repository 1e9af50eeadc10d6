"""The append-only ledger: who did what to which record version, provable by a stranger offline.

An RFC 6962 Merkle tree over salted commitments, hashed by the data folder's suite of algorithms (SHA-256 or SM3), checkpoints signed
by one process (Ed25519 or SM2), and proofs that need neither this server nor its database. Import the parts by name: `entry` and
`store` to append and prove, `signer` for the signing process, `verify` for strangers.
"""
