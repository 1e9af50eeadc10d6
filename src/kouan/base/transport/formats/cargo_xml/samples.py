"""Our own Cargo-XML messages: an invented consolidation from Rotterdam's airport to Wanghai, marked as simulated."""

MASTER = """<?xml version="1.0" encoding="UTF-8"?>
<w:Waybill xmlns:w="iata:waybill:1" xmlns="iata:datamodel:3">
  <w:MessageHeaderDocument>
    <ID>SIM-XFWB-1</ID><Name>Master Air Waybill</Name><TypeCode>741</TypeCode>
    <IssueDateTime>2026-11-20T09:00:00+01:00</IssueDateTime><PurposeCode>Creation</PurposeCode><VersionID>3.00</VersionID>
  </w:MessageHeaderDocument>
  <w:BusinessHeaderDocument>
    <ID>888-10000001</ID>
    <SignatoryCarrierAuthentication>
      <ActualDateTime>2026-11-20T09:00:00</ActualDateTime><Signatory>SIM SIGNATORY</Signatory>
      <IssueAuthenticationLocation><Name>RTM</Name></IssueAuthenticationLocation>
    </SignatoryCarrierAuthentication>
  </w:BusinessHeaderDocument>
  <w:MasterConsignment>
    <TotalChargePrepaidIndicator>true</TotalChargePrepaidIndicator>
    <IncludedTareGrossWeightMeasure unitCode="KGM">300.0</IncludedTareGrossWeightMeasure>
    <TotalPieceQuantity>12</TotalPieceQuantity>
    <ConsignorParty><Name>SIM FORWARDER ROTTERDAM</Name>
      <PostalStructuredAddress><CityName>ROTTERDAM</CityName><CountryID>NL</CountryID></PostalStructuredAddress></ConsignorParty>
    <ConsigneeParty><Name>SIM FORWARDER WANGHAI</Name>
      <PostalStructuredAddress><CityName>WANGHAI</CityName><CountryID>CN</CountryID></PostalStructuredAddress></ConsigneeParty>
    <OriginLocation><ID>RTM</ID></OriginLocation>
    <FinalDestinationLocation><ID>WHH</ID></FinalDestinationLocation>
    <SpecifiedLogisticsTransportMovement>
      <StageCode>Main-Carriage</StageCode><ModeCode>4</ModeCode><ID>XX901</ID><SequenceNumeric>1</SequenceNumeric>
      <ArrivalEvent><OccurrenceArrivalLocation><ID>WHH</ID></OccurrenceArrivalLocation></ArrivalEvent>
      <DepartureEvent><ScheduledOccurrenceDateTime>2026-11-21T22:10:00+01:00</ScheduledOccurrenceDateTime>
        <OccurrenceDepartureLocation><ID>RTM</ID></OccurrenceDepartureLocation></DepartureEvent>
    </SpecifiedLogisticsTransportMovement>
    <ApplicableRating><TypeCode>F</TypeCode>
      <IncludedMasterConsignmentItem><SequenceNumeric>1</SequenceNumeric>
        <GrossWeightMeasure unitCode="KGM">300.0</GrossWeightMeasure><PieceQuantity>12</PieceQuantity>
        <NatureIdentificationTransportCargo>
          <Identification>CONSOLIDATION, SIM TEST GOODS</Identification></NatureIdentificationTransportCargo>
      </IncludedMasterConsignmentItem>
    </ApplicableRating>
  </w:MasterConsignment>
</w:Waybill>
"""
HOUSE = """<?xml version="1.0" encoding="UTF-8"?>
<h:HouseWaybill xmlns:h="iata:housewaybill:1" xmlns="iata:datamodel:3">
  <h:MessageHeaderDocument>
    <ID>SIM-XFZB-1</ID><Name>House Waybill</Name><TypeCode>703</TypeCode>
    <IssueDateTime>2026-11-20T08:00:00+01:00</IssueDateTime><PurposeCode>Creation</PurposeCode><VersionID>3.00</VersionID>
  </h:MessageHeaderDocument>
  <h:BusinessHeaderDocument><ID>SIMHAWB0001</ID></h:BusinessHeaderDocument>
  <h:MasterConsignment>
    <IncludedTareGrossWeightMeasure unitCode="KGM">300.0</IncludedTareGrossWeightMeasure>
    <TotalPieceQuantity>12</TotalPieceQuantity>
    <TransportContractDocument><ID>888-10000001</ID></TransportContractDocument>
    <IncludedHouseConsignment>
      <ID>SIMHAWB0001</ID>
      <IncludedTareGrossWeightMeasure unitCode="KGM">120.0</IncludedTareGrossWeightMeasure>
      <TotalPieceQuantity>5</TotalPieceQuantity>
      <SummaryDescription>ELECTRIC KETTLES, SIM TEST GOODS</SummaryDescription>
      <ConsignorParty><Name>SIM KETTLE WORKS</Name></ConsignorParty>
      <ConsigneeParty><Name>SIM TRADING WANGHAI</Name></ConsigneeParty>
      <OriginLocation><ID>RTM</ID></OriginLocation>
      <FinalDestinationLocation><ID>WHH</ID></FinalDestinationLocation>
      <IncludedHouseConsignmentItem><SequenceNumeric>1</SequenceNumeric>
        <GrossWeightMeasure unitCode="KGM">120.0</GrossWeightMeasure><PieceQuantity>5</PieceQuantity>
      </IncludedHouseConsignmentItem>
    </IncludedHouseConsignment>
  </h:MasterConsignment>
</h:HouseWaybill>
"""
