"""What others may import of parcels."""

from kouan.base.parcel.records import Parcel, ParcelList, ParcelOrder, ParcelPayment
from kouan.base.parcel.service import resolve

__all__ = ["Parcel", "ParcelList", "ParcelOrder", "ParcelPayment", "resolve"]
