/** The map's messages as `operations/onemap/wire.py` writes them: 24 bytes of head, then rows of seven 32-bit words. */
export const SNAPSHOT = 1
export const UPDATE = 2
export const GONE = 3
export const DENSITY = 4
export const FORGET = 1
export const RENAMED = 128
export const SIMULATED = 1
export const LATE = 2
export const ESTIMATED = 4
export const UNKNOWN = 65535
const HEAD_BYTES = 24
export const WORDS = 7
const DEGREE = 1e7

export interface Head {
  kind: number
  flags: number
  count: number
  /** The server's clock, milliseconds. */
  time: number
  /** When the newest observation of all was made, tenths of a second after the base. */
  newest: number
  /** Objects that this viewer may see; 0 where a message does not say. */
  total: number
}
export interface Density {
  west: number
  south: number
  east: number
  north: number
  cols: number
  rows: number
  counts: Uint16Array
}

export function readHead(data: ArrayBuffer): Head {
  const view = new DataView(data)
  return {
    kind: view.getUint8(0), flags: view.getUint8(1), count: view.getUint32(4, true), time: view.getFloat64(8, true),
    newest: view.getUint32(16, true), total: view.getUint32(20, true),
  }
}

/** The same bytes as rows: words by 32, words by 16, and bytes; nothing is copied. */
export function readRows(data: ArrayBuffer): { i32: Int32Array; u16: Uint16Array; u8: Uint8Array; count: number } {
  const count = Math.floor((data.byteLength - HEAD_BYTES) / (WORDS * 4))
  return {
    i32: new Int32Array(data, HEAD_BYTES, count * WORDS), u16: new Uint16Array(data, HEAD_BYTES, count * WORDS * 2),
    u8: new Uint8Array(data, HEAD_BYTES, count * WORDS * 4), count,
  }
}

export function readSlots(data: ArrayBuffer): Uint32Array {
  return new Uint32Array(data, HEAD_BYTES)
}

export function readDensity(data: ArrayBuffer): Density {
  const view = new DataView(data, HEAD_BYTES)
  const [west, south, east, north] = [0, 4, 8, 12].map((at) => view.getInt32(at, true) / DEGREE) as [number, number, number, number]
  const [cols, rows] = [view.getUint16(16, true), view.getUint16(18, true)]
  return { west, south, east, north, cols, rows, counts: new Uint16Array(data, HEAD_BYTES + 20, cols * rows) }
}
