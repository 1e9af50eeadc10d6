"""What others may import of traffic."""

from kouan.operations.traffic.geo import distance
from kouan.operations.traffic.picture import Traffic
from kouan.operations.traffic.records import Approach, Visit
from kouan.operations.traffic.view import HANDLERS, View
from kouan.operations.traffic.watching import TrafficWatcher, traffic_of
from kouan.operations.traffic.zones import Zone, Zones, zone_of

__all__ = ["HANDLERS", "Approach", "Traffic", "TrafficWatcher", "View", "Visit", "Zone", "Zones", "distance", "traffic_of", "zone_of"]
