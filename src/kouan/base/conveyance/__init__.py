"""Aircraft, trains and vehicles that enter or leave, and whom they carry."""
