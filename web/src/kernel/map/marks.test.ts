import { describe, expect, it } from 'vitest'
import { Camera } from './camera'
import { feathers, knots } from './barb'
import { ink } from './live-layer'
import { mercatorX, mercatorY } from './movers'
import { Track, type TrackAnswer } from './track'

describe('wind', () => {
  it('is drawn to the nearest five knots', () => {
    expect([0, 2.4, 3, 12.4, 13, 65, 97].map(feathers)).toEqual([
      { pennants: 0, long: 0, short: 0 }, { pennants: 0, long: 0, short: 0 }, { pennants: 0, long: 0, short: 1 }, { pennants: 0, long: 1, short: 0 },
      { pennants: 0, long: 1, short: 1 }, { pennants: 1, long: 1, short: 1 }, { pennants: 1, long: 4, short: 1 },
    ])
  })
  it('is taken in the units of wind alone', () => {
    expect(knots(10, 'm/s')).toBeCloseTo(19.438, 3)
    expect(knots(10, 'kn')).toBe(10)
    expect(knots(10, 'Cel')).toBeNull()
  })
})

describe('a track', () => {
  const answer: TrackAnswer = {
    ref: 'tag:T', name: '', kind: 'tag', simulated: true, last: null, slot: null,
    points: [[1000, 120, 36, null], [3000, 122, 36, null], [4000, 122, 36, 1]],
    dwells: [{ lon: 122, lat: 36, since: '', until: '', minutes: 10, fixes: 2, place: null }],
  }
  it('is between two fixes on the way from one to the other', () => {
    const track = new Track(answer, (_, number) => String(number))
    expect(track.where(500)).toBeNull()
    expect(track.where(2000)?.[0]).toBeCloseTo(mercatorX(121), 12)
    expect(track.where(9000)?.[0]).toBe(mercatorX(122))
    expect([track.upTo(2999), track.upTo(3000), track.from, track.to, track.stays[0]?.label]).toEqual([1, 2, 1000, 4000, '1'])
  })
})

describe('a sweep of all that moves', () => {
  it('finds what is in view, where its speed brings it, and nothing of a kind that is hidden', () => {
    const map = { getCenter: () => ({ lng: 120, lat: 36 }), getZoom: () => 10, project: ([lon, lat]: [number, number]) => ({
      x: 400 + (mercatorX(lon) - mercatorX(120)) * 512 * 1024, y: 300 + (mercatorY(lat) - mercatorY(36)) * 512 * 1024,
    }) }
    const camera = new Camera(map as never)
    const lons = [120, 120.1, 140, 120]
    const from = {
      size: 4, x: Float64Array.from(lons, mercatorX), y: new Float64Array(4).fill(mercatorY(36)), vx: Float64Array.from([0, 0, 0, 1e-8]),
      vy: new Float64Array(4), at: new Float64Array(4), live: Uint8Array.from([1, 1, 1, 1]), kind: Uint8Array.from([0, 1, 0, 0]), shown: Uint8Array.from([1, 0]),
    }
    const [screen, slots] = [new Float32Array(8), new Int32Array(4)]
    expect(camera.sweep(from, 60_000, 10_000, 800, 600, 40, screen, slots)).toBe(2)
    expect(Array.from(slots.subarray(0, 2))).toEqual([0, 3])
    expect(screen[0]).toBeCloseTo(400, 0)
    expect(screen[6]).toBeCloseTo(400 + 1e-4 * 512 * 1024, 0)
    const out = new Float32Array(2)
    camera.project(from.x[1] as number, from.y[1] as number, out, 0)
    from.shown[1] = 1
    expect(camera.sweep(from, 0, 0, 800, 600, 40, screen, slots)).toBe(3)
    expect(screen[2]).toBeCloseTo(out[0] as number, 3)
  })
  it('paints opaque pixels', () => {
    expect([...new Uint8Array(Uint32Array.of(ink('#6a3bbd')).buffer)]).toEqual([0x6a, 0x3b, 0xbd, 255])
  })
})
