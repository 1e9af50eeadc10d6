"""Parameters: code sets by date, amended by the port with effective dates."""
