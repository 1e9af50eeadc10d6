"""Port profiles (口岸画像): each port of entry by mode and tier, its own plan of modules, its dated goals."""
