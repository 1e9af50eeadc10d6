"""What others may import of manifests."""

from kouan.base.manifest.records import WITHDRAWN, Consignment, GoodsLine, Manifest, RailManifest

__all__ = ["WITHDRAWN", "Consignment", "GoodsLine", "Manifest", "RailManifest"]
