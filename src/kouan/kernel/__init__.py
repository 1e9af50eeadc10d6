"""The ten words and the engines that keep them. Nothing here knows what a port is."""
