"""One map (一张图): places and ships, live."""
