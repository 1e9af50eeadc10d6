"""Status codes of OPC UA (OPC 10000-6, annex A): what a server means, for those that a client meets."""

from __future__ import annotations

NAMES = {
    0x80010000: "BadUnexpectedError", 0x80020000: "BadInternalError", 0x80030000: "BadOutOfMemory", 0x80040000: "BadResourceUnavailable",
    0x80050000: "BadCommunicationError", 0x80060000: "BadEncodingError", 0x80070000: "BadDecodingError",
    0x80080000: "BadEncodingLimitsExceeded", 0x800A0000: "BadTimeout", 0x800B0000: "BadServiceUnsupported", 0x800C0000: "BadShutdown",
    0x800D0000: "BadServerNotConnected", 0x800E0000: "BadServerHalted", 0x800F0000: "BadNothingToDo", 0x80100000: "BadTooManyOperations",
    0x80120000: "BadCertificateInvalid", 0x80130000: "BadSecurityChecksFailed", 0x801F0000: "BadUserAccessDenied",
    0x80200000: "BadIdentityTokenInvalid", 0x80210000: "BadIdentityTokenRejected", 0x80220000: "BadSecureChannelIdInvalid",
    0x80240000: "BadNonceInvalid", 0x80250000: "BadSessionIdInvalid", 0x80260000: "BadSessionClosed",
    0x80270000: "BadSessionNotActivated", 0x80280000: "BadSubscriptionIdInvalid", 0x802A0000: "BadRequestHeaderInvalid",
    0x80310000: "BadNoCommunication", 0x80320000: "BadWaitingForInitialData", 0x80330000: "BadNodeIdInvalid",
    0x80340000: "BadNodeIdUnknown", 0x80350000: "BadAttributeIdInvalid", 0x803A0000: "BadNotReadable", 0x803D0000: "BadNotSupported",
    0x803E0000: "BadNotFound", 0x80540000: "BadSecurityModeRejected", 0x80550000: "BadSecurityPolicyRejected",
    0x80560000: "BadTooManySessions", 0x80770000: "BadTooManySubscriptions", 0x80780000: "BadTooManyPublishRequests",
    0x80790000: "BadNoSubscription", 0x807A0000: "BadSequenceNumberUnknown", 0x807D0000: "BadTcpServerTooBusy",
    0x807E0000: "BadTcpMessageTypeInvalid", 0x807F0000: "BadTcpSecureChannelUnknown", 0x80800000: "BadTcpMessageTooLarge",
    0x80820000: "BadTcpInternalError", 0x80830000: "BadTcpEndpointUrlInvalid", 0x80840000: "BadRequestInterrupted",
    0x80850000: "BadRequestTimeout", 0x80860000: "BadSecureChannelClosed", 0x80870000: "BadSecureChannelTokenUnknown",
    0x80880000: "BadSequenceNumberInvalid", 0x80890000: "BadConfigurationError", 0x808A0000: "BadNotConnected",
    0x808B0000: "BadDeviceFailure", 0x808C0000: "BadSensorFailure", 0x808D0000: "BadOutOfService", 0x80DB0000: "BadTooManyMonitoredItems",
    0x408F0000: "UncertainNoCommunicationLastUsableValue", 0x40900000: "UncertainLastUsableValue",
    0x40930000: "UncertainSensorNotAccurate", 0x40940000: "UncertainEngineeringUnitsExceeded",
}  # fmt: skip
UNSUPPORTED, TOO_MANY_PUBLISH = 0x800B0000, 0x80780000
"""A server that knows no subscriptions says the first, one at which more requests wait than it takes the second."""


def name(code: int) -> str:
    """Its name, or its number."""
    return NAMES.get(code & 0xFFFF0000, f"0x{code & 0xFFFF0000:08X}") if code else "Good"


def quality(code: int) -> int:
    """0 good, 1 uncertain, 2 bad: the severity, the two highest bits."""
    return min(code >> 30, 2)
