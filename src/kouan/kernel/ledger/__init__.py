"""The append-only ledger: who did what to which record version, provable by a stranger offline.

An RFC 6962 Merkle tree (SHA-256) over salted commitments, checkpoints signed with Ed25519 by one
process, and proofs that need neither this server nor its database. Import the parts by name:
`entry` and `store` to append and prove, `signer` for the signing process, `verify` for strangers.
"""
