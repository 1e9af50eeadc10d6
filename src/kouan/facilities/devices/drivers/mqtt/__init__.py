"""MQTT: JSON and plain values on `devices/<code>/<metric>`."""
