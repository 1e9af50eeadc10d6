import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { openFeed } from './feed'
import { Movers } from './movers'
import { GONE, SNAPSHOT, UNKNOWN, UPDATE } from './wire'

/** A month of a map left open, in little: many more messages than objects, ships that come and go, names, lines that break. */
class Socket {
  static readonly OPEN = 1
  static all: Socket[] = []
  readyState = 1
  binaryType = ''
  sent: string[] = []
  onmessage: (event: { data: unknown }) => void = () => undefined
  onclose: (event: { code: number }) => void = () => undefined
  constructor() {
    Socket.all.push(this)
  }
  send(text: string): void {
    this.sent.push(text)
    if (this.sent.length > 50) this.sent.shift()
  }
  close(): void {
    this.readyState = 3
    this.onclose({ code: 1006 })
  }
}
const ROWS = 200
const SLOTS = 3_000
function message(kind: number, first: number): ArrayBuffer {
  const data = new ArrayBuffer(24 + ROWS * 28)
  const view = new DataView(data)
  view.setUint8(0, kind)
  for (let n = 0; n < ROWS; n++) {
    const at = 24 + n * 28
    view.setUint32(at, (first + n) % SLOTS, true)
    view.setInt32(at + 8, 1_216_000_000 + n, true)
    view.setInt32(at + 12, 360_000_000, true)
    for (let m = 0; m < 4; m++) view.setUint16(at + 16 + m * 2, m < 2 ? 100 : UNKNOWN, true)
  }
  return data
}
function gone(first: number): ArrayBuffer {
  const data = new ArrayBuffer(24 + ROWS * 4)
  new DataView(data).setUint8(0, GONE)
  new Uint32Array(data, 24).set(Array.from({ length: ROWS }, (_, n) => (first + n) % SLOTS))
  return data
}
const held = (movers: Movers) => Object.values(movers).reduce<number>((sum, one) => sum + (ArrayBuffer.isView(one) ? one.byteLength : 0), 0)

beforeEach(() => {
  vi.useFakeTimers()
  vi.stubGlobal('WebSocket', Socket)
})
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

it('holds no more after a month of messages than after a day of them', () => {
  const movers = new Movers()
  const feed = openFeed(movers, () => undefined)
  const hear = (data: unknown) => (Socket.all.at(-1) as Socket).onmessage({ data })
  const hello = () => hear(JSON.stringify({ type: 'hello', base_ms: 0, kinds: [{ code: 'ship', title: { zh: '船', en: 'Ship' } }] }))
  function day(number: number): void {
    hello()
    hear(message(SNAPSHOT, number * 7))
    for (let n = 0; n < 60; n++) {
      const first = (number * 61 + n) * ROWS
      hear(message(UPDATE, first))
      feed.ask(Array.from({ length: ROWS }, (_, m) => (first + m) % SLOTS))
      hear(JSON.stringify({ type: 'names', rows: Array.from({ length: ROWS }, (_, m) => [(first + m) % SLOTS, `vessel:mmsi:${number}-${n}-${m}`, `S${number}`, 1, 1, 1, 1, {}]) }))
      if (n % 3 === 0) hear(gone(first))
    }
    // The line breaks once a day, and comes back by itself.
    ;(Socket.all.at(-1) as Socket).close()
    vi.advanceTimersByTime(15_000)
  }
  day(0)
  const [bytes, first] = [held(movers), movers.cards.size]
  for (let number = 1; number < 31; number++) day(number)
  expect(bytes).toBeGreaterThan(100_000)
  expect(held(movers)).toBe(bytes)
  expect(movers.size).toBeLessThanOrEqual(SLOTS)
  expect(movers.cards.size).toBeLessThanOrEqual(Math.max(first, SLOTS))
  expect(Socket.all.filter((socket) => socket.readyState === Socket.OPEN)).toHaveLength(1)
  expect(vi.getTimerCount()).toBe(1)
  feed.close()
  expect(vi.getTimerCount()).toBe(0)
})
