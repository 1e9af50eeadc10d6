"""Typed references for record fields."""

from __future__ import annotations

from typing import Annotated, TypeAlias

from kouan.base.reference import kinds as _kinds
from kouan.base.reference.doubts import doubts as doubts
from kouan.kernel.references import ANY, Reference

ContainerRef: TypeAlias = Annotated[str, Reference("container")]
VesselRef: TypeAlias = Annotated[str, Reference("vessel")]
VoyageRef: TypeAlias = Annotated[str, Reference("voyage")]
PortCallRef: TypeAlias = Annotated[str, Reference("portcall")]
ManifestRef: TypeAlias = Annotated[str, Reference("manifest")]
BillRef: TypeAlias = Annotated[str, Reference("bill")]
DeclarationRef: TypeAlias = Annotated[str, Reference("declaration")]
AssessmentRef: TypeAlias = Annotated[str, Reference("assessment")]
OrderRef: TypeAlias = Annotated[str, Reference("order")]
VehicleRef: TypeAlias = Annotated[str, Reference("vehicle")]
PassageRef: TypeAlias = Annotated[str, Reference("passage")]
GatePassRef: TypeAlias = Annotated[str, Reference("gatepass")]
BookingRef: TypeAlias = Annotated[str, Reference("booking")]
EnterpriseRef: TypeAlias = Annotated[str, Reference("enterprise")]
PersonRef: TypeAlias = Annotated[str, Reference("person")]
AssetRef: TypeAlias = Annotated[str, Reference("asset")]
DeviceRef: TypeAlias = Annotated[str, Reference("device")]
ServiceRef: TypeAlias = Annotated[str, Reference("itservice")]
LaneRef: TypeAlias = Annotated[str, Reference("lane")]
PlaceRef: TypeAlias = Annotated[str, Reference("place")]
OrgRef: TypeAlias = Annotated[str, Reference("org")]
WaybillRef: TypeAlias = Annotated[str, Reference("waybill")]
WagonRef: TypeAlias = Annotated[str, Reference("wagon")]
MoveRef: TypeAlias = Annotated[str, Reference("move")]
HandlingRef: TypeAlias = Annotated[str, Reference("handling")]
StowageRef: TypeAlias = Annotated[str, Reference("stowage")]
ShipmentRef: TypeAlias = Annotated[str, Reference("shipment")]
DeliveryOrderRef: TypeAlias = Annotated[str, Reference("deliveryorder")]
PermitRef: TypeAlias = Annotated[str, Reference("permit")]
ParcelRef: TypeAlias = Annotated[str, Reference("parcel")]
ConveyanceRef: TypeAlias = Annotated[str, Reference("conveyance")]
MaritimeOrderRef: TypeAlias = Annotated[str, Reference("maritimeorder")]
ProcessRef: TypeAlias = Annotated[str, Reference("process")]
ProfileRef: TypeAlias = Annotated[str, Reference("riskprofile")]
AlertRuleRef: TypeAlias = Annotated[str, Reference("alertrule")]
TradeRef: TypeAlias = Annotated[str, Reference("trade")]
AnyRef: TypeAlias = Annotated[str, Reference(ANY)]

KINDS = _kinds.__name__
