"""GNSS terminals of road vehicles over TCP: JT/T 808-2013 and 808-2019."""
