"""kouan_sim: the simulated outside world of a port: ships, trucks, traders, agencies.

It stands outside the platform, never imports it, and speaks only through the public doors: NMEA over TCP
and HTTP with bearer tokens. Every name it gives to people says that it is simulated (模拟).
"""
