"""What transport papers must be when they are filed."""
