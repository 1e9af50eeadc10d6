"""Weather reports of aerodromes: METAR and SPECI (WMO-No. 306, FM 15 and FM 16; FMH-1)."""
