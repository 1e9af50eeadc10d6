"""GNSS receivers by NMEA 0183: GPS, BeiDou, GLONASS, Galileo and combined talkers."""
