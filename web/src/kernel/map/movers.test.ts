import { describe, expect, it } from 'vitest'
import { latitude } from './camera'
import { mercatorX, mercatorY, Movers } from './movers'
import { FORGET, GONE, readDensity, RENAMED, SNAPSHOT, UNKNOWN, UPDATE } from './wire'

interface Row {
  slot: number
  lon: number
  lat: number
  speed?: number
  course?: number
  heading?: number
  flags?: number
}
/** A message as the platform writes it. */
function message(kind: number, rows: Row[], flags = 0): ArrayBuffer {
  const data = new ArrayBuffer(24 + rows.length * 28)
  const view = new DataView(data)
  view.setUint8(0, kind)
  view.setUint8(1, flags)
  view.setUint32(4, rows.length, true)
  rows.forEach((row, n) => {
    const at = 24 + n * 28
    view.setUint32(at, row.slot, true)
    view.setUint32(at + 4, 50, true)
    view.setInt32(at + 8, Math.round(row.lon * 1e7), true)
    view.setInt32(at + 12, Math.round(row.lat * 1e7), true)
    ;[row.speed, row.course, row.heading, undefined].forEach((value, m) => view.setUint16(at + 16 + m * 2, value === undefined ? UNKNOWN : Math.round(value * 10), true))
    view.setUint8(at + 25, row.flags ?? 0)
  })
  return data
}
function gone(...slots: number[]): ArrayBuffer {
  const data = new ArrayBuffer(24 + slots.length * 4)
  new DataView(data).setUint8(0, GONE)
  new Uint32Array(data, 24).set(slots)
  return data
}

describe('what moves', () => {
  it('is taken from snapshot and changes, and a snapshot replaces what was there', () => {
    const movers = new Movers()
    movers.base = 1_000_000
    movers.take(message(SNAPSHOT, [{ slot: 0, lon: 121, lat: 36, speed: 12, course: 90 }, { slot: 5000, lon: 120, lat: -36 }]))
    expect(movers.count).toBe(2)
    expect(movers.get(0)).toMatchObject({ lon: 121, lat: 36, speed: 12, course: 90, heading: null, altitude: null, at: 1_005_000 })
    movers.take(message(UPDATE, [{ slot: 0, lon: 121.5, lat: 36 }]))
    expect(movers.get(0)?.lon).toBe(121.5)
    expect(movers.count).toBe(2)
    movers.take(gone(5000, 77))
    expect(movers.count).toBe(1)
    movers.take(message(SNAPSHOT, [{ slot: 9, lon: 1, lat: 1 }]))
    expect([movers.get(0), movers.get(9)?.lon]).toEqual([null, 1])
  })
  it('has a front by heading, by course only while it moves, and moves as it reports', () => {
    const movers = new Movers()
    movers.take(message(SNAPSHOT, [
      { slot: 0, lon: 0, lat: 0, speed: 5, course: 90 }, { slot: 1, lon: 0, lat: 0, speed: 0.1, course: 90 }, { slot: 2, lon: 0, lat: 0, speed: 0, course: 10, heading: 45 },
    ]))
    expect([0, 1, 2].map((slot) => movers.pointing(slot))).toEqual([90, null, 45])
    const hour = 3_600_000
    expect(((movers.vx[0] ?? 0) * hour * 360 * 60).toFixed(1)).toBe('5.0')
    expect(movers.vx[1]).toBe(0)
  })
  it('forgets a name that was changed, and all of them when slots may be of others', () => {
    const movers = new Movers()
    movers.take(message(SNAPSHOT, [{ slot: 0, lon: 0, lat: 0 }, { slot: 1, lon: 0, lat: 0 }]))
    movers.know([[0, 'vessel:mmsi:1', 'A', 1, 2, 3, 4, {}], [1, 'vessel:mmsi:2', 'B', 0, 0, 0, 0, {}]])
    movers.take(message(UPDATE, [{ slot: 0, lon: 0, lat: 0, flags: RENAMED }]))
    expect([movers.get(0)?.name, movers.get(1)?.name]).toEqual(['', 'B'])
    movers.take(message(SNAPSHOT, [{ slot: 1, lon: 0, lat: 0 }], FORGET))
    expect(movers.get(1)?.name).toBe('')
  })
  it('takes no more room for messages than for objects', () => {
    const movers = new Movers()
    for (let n = 0; n < 2_000; n++) movers.take(message(UPDATE, [{ slot: n % 100, lon: n / 100, lat: 0 }]))
    expect([movers.size, movers.live.length, movers.count]).toEqual([100, 1024, 100])
  })
})

describe('the world', () => {
  it('is projected and back', () => {
    for (const lat of [-80, -36.05, 0, 36.05, 80]) expect(latitude(mercatorY(lat))).toBeCloseTo(lat, 9)
    expect(mercatorX(180)).toBe(1)
  })
  it('is counted by cell where there is too much', () => {
    const data = new ArrayBuffer(24 + 20 + 4)
    const view = new DataView(data, 24)
    ;[-1800000000, -900000000, 1800000000, 900000000].forEach((value, n) => view.setInt32(n * 4, value, true))
    view.setUint16(16, 2, true)
    view.setUint16(18, 1, true)
    view.setUint16(22, 7, true)
    expect(readDensity(data)).toMatchObject({ west: -180, north: 90, cols: 2, rows: 1 })
    expect([...readDensity(data).counts]).toEqual([0, 7])
  })
})
