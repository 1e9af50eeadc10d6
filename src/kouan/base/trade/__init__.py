"""Trade papers: order, payment, commercial invoice, insurance policy, joined by the order (贸易单证)."""
