import { FORGET, GONE, readHead, readRows, readSlots, RENAMED, SNAPSHOT, UNKNOWN, UPDATE, WORDS, type Head } from './wire'

/** What is known of an object beside its place; metres from its antenna to bow, stern, port and starboard. */
export interface Card {
  ref: string
  name: string
  hull: [number, number, number, number]
  more: Record<string, string | number>
}
export interface Mover extends Card {
  slot: number
  kind: number
  lon: number
  lat: number
  speed: number | null
  course: number | null
  heading: number | null
  altitude: number | null
  flags: number
  /** When it was observed, milliseconds by the server's clock. */
  at: number
}

export const STALE_MS = 180_000
/** Below this speed, in knots, a thing is drawn as standing still. */
const STILL = 0.5
const KEPT_NAMES = 20_000
const FIRST = 1024
const DEGREE = 1e7
const METRES_PER_KNOT_MS = 1852 / 3_600_000
const EARTH = 40_075_016.68

/** Longitude and latitude as fractions of the web-mercator world. */
export const mercatorX = (lon: number) => lon / 360 + 0.5
export const mercatorY = (lat: number) => 0.5 - Math.log(Math.tan(Math.PI / 4 + (lat * Math.PI) / 360)) / (2 * Math.PI)

/**
 * Everything that moves, by slot, in typed arrays that only grow when there is more to hold: the page may stay open for
 * weeks. `vx`, `vy`: how it moves a millisecond by its reported speed and course, in fractions of the world.
 */
export class Movers {
  size = 0
  x = new Float64Array(FIRST)
  y = new Float64Array(FIRST)
  vx = new Float64Array(FIRST)
  vy = new Float64Array(FIRST)
  /** Milliseconds by the server's clock. */
  at = new Float64Array(FIRST)
  lon = new Int32Array(FIRST)
  lat = new Int32Array(FIRST)
  motion = new Uint16Array(FIRST * 4)
  kind = new Uint8Array(FIRST)
  flags = new Uint8Array(FIRST)
  length = new Uint8Array(FIRST)
  beam = new Uint8Array(FIRST)
  live = new Uint8Array(FIRST)
  count = 0
  base = 0
  readonly cards = new Map<number, Card>()

  /** Takes a binary message in; answers its head. */
  take(data: ArrayBuffer): Head {
    const head = readHead(data)
    if (head.kind === SNAPSHOT) {
      this.live.fill(0)
      this.count = 0
      if (head.flags & FORGET) this.cards.clear()
    }
    if (head.kind === SNAPSHOT || head.kind === UPDATE) this.rows(data)
    else if (head.kind === GONE) for (const slot of readSlots(data)) this.remove(slot)
    return head
  }

  clear(): void {
    this.live.fill(0)
    this.count = 0
    this.cards.clear()
  }

  know(rows: [number, string, string, number, number, number, number, Card['more']][]): void {
    if (this.cards.size + rows.length > KEPT_NAMES) this.cards.clear()
    for (const [slot, ref, name, bow, stern, port, starboard, more] of rows) {
      this.cards.set(slot, { ref, name, hull: [bow, stern, port, starboard], more })
    }
  }

  get(slot: number | null): Mover | null {
    if (slot === null || slot >= this.size || !this.live[slot]) return null
    const card = this.cards.get(slot) ?? { ref: '', name: '', hull: [0, 0, 0, 0], more: {} }
    const measured = (n: number, scale: number) => {
      const value = this.motion[slot * 4 + n] ?? UNKNOWN
      return value === UNKNOWN ? null : value / scale
    }
    return {
      ...card, slot, kind: this.kind[slot] ?? 0, lon: (this.lon[slot] ?? 0) / DEGREE, lat: (this.lat[slot] ?? 0) / DEGREE,
      speed: measured(0, 10), course: measured(1, 10), heading: measured(2, 10), altitude: measured(3, 1),
      flags: this.flags[slot] ?? 0, at: this.at[slot] ?? 0,
    }
  }

  /** Where its front points, in degrees: heading when known, else course while moving, else nothing. */
  pointing(slot: number): number | null {
    const heading = this.motion[slot * 4 + 2] ?? UNKNOWN
    if (heading !== UNKNOWN) return heading / 10
    const course = this.motion[slot * 4 + 1] ?? UNKNOWN
    return course !== UNKNOWN && this.moves(slot) ? course / 10 : null
  }

  moves(slot: number): boolean {
    const speed = this.motion[slot * 4] ?? UNKNOWN
    return speed !== UNKNOWN && speed >= STILL * 10
  }

  /** Puts one object in its place; for playback, which has no messages. */
  place(slot: number, lon: number, lat: number, motion: [number, number, number, number], at: number): void {
    this.room(slot)
    this.lon[slot] = Math.round(lon * DEGREE)
    this.lat[slot] = Math.round(lat * DEGREE)
    this.motion.set(motion, slot * 4)
    this.settle(slot, at)
  }

  /** What a placed object is; for playback. */
  describe(slot: number, kind: number, flags: number, hull: Card['hull']): void {
    this.kind[slot] = kind
    this.flags[slot] = flags
    this.length[slot] = Math.min(Math.round((hull[0] + hull[1]) / 2), 255)
    this.beam[slot] = Math.min(hull[2] + hull[3], 255)
  }

  hide(slot: number): void {
    if (slot >= this.size || !this.live[slot]) return
    this.live[slot] = 0
    this.count--
  }

  private rows(data: ArrayBuffer): void {
    const { i32, u16, u8, count } = readRows(data)
    for (let row = 0; row < count; row++) {
      const word = row * WORDS
      const slot = (i32[word] ?? 0) >>> 0
      this.room(slot)
      this.lon[slot] = i32[word + 2] ?? 0
      this.lat[slot] = i32[word + 3] ?? 0
      for (let n = 0; n < 4; n++) this.motion[slot * 4 + n] = u16[word * 2 + 8 + n] ?? UNKNOWN
      const byte = word * 4 + 24
      this.kind[slot] = u8[byte] ?? 0
      this.flags[slot] = u8[byte + 1] ?? 0
      this.length[slot] = u8[byte + 2] ?? 0
      this.beam[slot] = u8[byte + 3] ?? 0
      if (this.flags[slot] & RENAMED) this.cards.delete(slot)
      this.settle(slot, this.base + ((i32[word + 1] ?? 0) >>> 0) * 100)
    }
  }

  private settle(slot: number, at: number): void {
    const lat = (this.lat[slot] ?? 0) / DEGREE
    this.x[slot] = mercatorX((this.lon[slot] ?? 0) / DEGREE)
    this.y[slot] = mercatorY(lat)
    this.at[slot] = at
    const [speed, course] = [this.motion[slot * 4] ?? UNKNOWN, this.motion[slot * 4 + 1] ?? UNKNOWN]
    const known = speed !== UNKNOWN && course !== UNKNOWN && speed >= STILL * 10
    const world = known ? ((speed / 10) * METRES_PER_KNOT_MS) / (EARTH * Math.cos((lat * Math.PI) / 180)) : 0
    const angle = (course / 10) * (Math.PI / 180)
    this.vx[slot] = world * Math.sin(angle)
    this.vy[slot] = -world * Math.cos(angle)
    if (!this.live[slot]) {
      this.live[slot] = 1
      this.count++
    }
  }

  private remove(slot: number): void {
    this.cards.delete(slot)
    this.hide(slot)
  }

  private room(slot: number): void {
    if (slot >= this.size) this.size = slot + 1
    if (slot < this.live.length) return
    let length = this.live.length
    while (length <= slot) length *= 2
    const grown = <T extends Float64Array | Int32Array | Uint16Array | Uint8Array>(old: T, made: T): T => {
      made.set(old as never)
      return made
    }
    for (const name of ['x', 'y', 'vx', 'vy', 'at'] as const) this[name] = grown(this[name], new Float64Array(length))
    for (const name of ['lon', 'lat'] as const) this[name] = grown(this[name], new Int32Array(length))
    for (const name of ['kind', 'flags', 'length', 'beam', 'live'] as const) this[name] = grown(this[name], new Uint8Array(length))
    this.motion = grown(this.motion, new Uint16Array(length * 4))
  }
}
