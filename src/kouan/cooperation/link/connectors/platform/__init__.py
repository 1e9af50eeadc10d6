"""Another platform of this kind."""
