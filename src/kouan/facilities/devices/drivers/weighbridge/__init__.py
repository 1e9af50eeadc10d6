"""Weighbridges that send their weight all the time, over TCP."""
