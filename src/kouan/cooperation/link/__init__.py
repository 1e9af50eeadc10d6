"""Links between platforms: what another platform is given and gives by agreement (跨地区互联)."""
