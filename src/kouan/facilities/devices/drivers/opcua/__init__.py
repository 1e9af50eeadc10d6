"""OPC UA: the nodes of a server, subscribed to. The binary protocol over TCP, SecurityPolicy None only."""
