"""Records of transport: documents of all modes, packing lists, interchange receipts, delivery orders."""
