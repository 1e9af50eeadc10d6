"""What others may import of manifests."""

from kouan.base.manifest.records import Consignment, GoodsLine, Manifest, RailManifest

__all__ = ["Consignment", "GoodsLine", "Manifest", "RailManifest"]
