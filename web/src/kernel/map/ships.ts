import type { ShipRow, ShipsEvent } from '../api/types'

/** A ship as the live layer keeps it; `heard` in milliseconds. */
export interface Ship {
  mmsi: number
  lon: number
  lat: number
  cog: number | null
  sog: number | null
  heading: number | null
  name: string
  simulated: boolean
  heard: number
}

export const STALE_MS = 180_000
export const GONE_MS = 900_000
const NO_HEADING = 511
const NO_COURSE = 360
/** Below this speed over ground, in knots, a ship is drawn as lying still. */
const STILL = 0.5

export function toShip(row: ShipRow, heard: number): Ship {
  const [mmsi, lon, lat, cog, sog, heading, name, simulated] = row
  return {
    mmsi: Number(mmsi),
    lon,
    lat,
    cog: cog === null || cog >= NO_COURSE ? null : cog,
    sog,
    heading: heading === null || heading >= NO_HEADING ? null : heading,
    name: name?.trim() || String(mmsi),
    simulated,
    heard,
  }
}

export function isMoving(ship: Ship): boolean {
  return (ship.sog ?? 0) >= STILL
}
/** Where the bow points: heading when it is known, else course while moving, else nothing. */
export function pointing(ship: Ship): number | null {
  return ship.heading ?? (isMoving(ship) ? ship.cog : null)
}

/** Latest state of every ship; old ones fade and then leave. */
export class Ships {
  readonly all = new Map<number, Ship>()

  take(event: ShipsEvent, now = Date.now()): void {
    for (const row of event.rows) this.all.set(Number(row[0]), toShip(row, now))
    for (const [mmsi, ship] of this.all) if (now - ship.heard > GONE_MS) this.all.delete(mmsi)
  }
  get(mmsi: number | null): Ship | undefined {
    return mmsi === null ? undefined : this.all.get(mmsi)
  }
}
