"""The data catalogue: every data resource found, understood and applied for; definitions of data elements in editions."""
