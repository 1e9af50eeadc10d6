/** QR codes (ISO/IEC 18004) of bytes at error correction level M, versions 1 to 20: enough for a permit's token. */

const ECC = [0, 10, 16, 26, 18, 24, 16, 18, 22, 22, 26, 30, 22, 22, 24, 24, 28, 28, 26, 26, 26]
const BLOCKS = [0, 1, 1, 1, 2, 2, 4, 4, 4, 5, 5, 5, 8, 9, 9, 10, 10, 11, 13, 14, 16]
const LAST = 20
const MASKS: ((x: number, y: number) => boolean)[] = [
  (x, y) => (x + y) % 2 === 0,
  (_, y) => y % 2 === 0,
  (x) => x % 3 === 0,
  (x, y) => (x + y) % 3 === 0,
  (x, y) => (Math.floor(x / 3) + Math.floor(y / 2)) % 2 === 0,
  (x, y) => ((x * y) % 2) + ((x * y) % 3) === 0,
  (x, y) => (((x * y) % 2) + ((x * y) % 3)) % 2 === 0,
  (x, y) => (((x + y) % 2) + ((x * y) % 3)) % 2 === 0,
]

class Grid {
  readonly dark: boolean[][]
  readonly fixed: boolean[][]

  constructor(readonly size: number) {
    this.dark = Array.from({ length: size }, () => new Array<boolean>(size).fill(false))
    this.fixed = Array.from({ length: size }, () => new Array<boolean>(size).fill(false))
  }
  put(x: number, y: number, dark: boolean): void {
    if (x < 0 || y < 0 || x >= this.size || y >= this.size) return
    this.dark[y]![x] = dark
    this.fixed[y]![x] = true
  }
}

/** The modules of the code, row by row, true is dark; throws RangeError for a text that is too long. */
export function qr(text: string): boolean[][] {
  const bytes = [...new TextEncoder().encode(text)]
  const version = versionFor(bytes.length)
  const grid = new Grid(version * 4 + 17)
  patterns(grid, version)
  place(grid, interleaved(codewords(bytes, version), version))
  let best = 0
  let least = Infinity
  for (let mask = 0; mask < 8; mask++) {
    apply(grid, mask)
    const found = penalty(grid.dark)
    if (found < least) [best, least] = [mask, found]
    flip(grid, mask)
  }
  apply(grid, best)
  return grid.dark
}

function raw(version: number): number {
  let bits = (16 * version + 128) * version + 64
  if (version >= 2) {
    const align = Math.floor(version / 7) + 2
    bits -= (25 * align - 10) * align - 55
    if (version >= 7) bits -= 36
  }
  return Math.floor(bits / 8)
}
const room = (version: number): number => raw(version) - ECC[version]! * BLOCKS[version]!

function versionFor(length: number): number {
  for (let version = 1; version <= LAST; version++) {
    if (4 + (version < 10 ? 8 : 16) + length * 8 <= room(version) * 8) return version
  }
  throw new RangeError('too long for a code')
}

function codewords(bytes: number[], version: number): number[] {
  const bits: number[] = []
  const push = (value: number, count: number): void => {
    for (let at = count - 1; at >= 0; at--) bits.push((value >>> at) & 1)
  }
  push(4, 4)
  push(bytes.length, version < 10 ? 8 : 16)
  for (const byte of bytes) push(byte, 8)
  const most = room(version) * 8
  push(0, Math.min(4, most - bits.length))
  push(0, (8 - (bits.length % 8)) % 8)
  for (let pad = 0xec; bits.length < most; pad ^= 0xec ^ 0x11) push(pad, 8)
  return Array.from({ length: bits.length / 8 }, (_, at) => bits.slice(at * 8, at * 8 + 8).reduce((sum, bit) => (sum << 1) | bit, 0))
}

function times(x: number, y: number): number {
  let z = 0
  for (let at = 7; at >= 0; at--) {
    z = (z << 1) ^ ((z >>> 7) * 0x11d)
    z ^= ((y >>> at) & 1) * x
  }
  return z
}
function divisor(degree: number): number[] {
  const found = new Array<number>(degree).fill(0)
  found[degree - 1] = 1
  let root = 1
  for (let n = 0; n < degree; n++) {
    for (let at = 0; at < degree; at++) found[at] = times(found[at]!, root) ^ (found[at + 1] ?? 0)
    root = times(root, 2)
  }
  return found
}
function remainder(data: number[], by: number[]): number[] {
  const found = by.map(() => 0)
  for (const byte of data) {
    const factor = byte ^ found.shift()!
    found.push(0)
    by.forEach((value, at) => (found[at] = found[at]! ^ times(value, factor)))
  }
  return found
}

function interleaved(data: number[], version: number): number[] {
  const blocks = BLOCKS[version]!
  const total = raw(version)
  const short = blocks - (total % blocks)
  const length = Math.floor(total / blocks) - ECC[version]!
  const by = divisor(ECC[version]!)
  const parts: { data: number[]; ecc: number[] }[] = []
  for (let n = 0, from = 0; n < blocks; n++) {
    const mine = data.slice(from, (from += length + (n < short ? 0 : 1)))
    parts.push({ data: mine, ecc: remainder(mine, by) })
  }
  const found: number[] = []
  for (let at = 0; at <= length; at++) for (const part of parts) if (at < part.data.length) found.push(part.data[at]!)
  for (let at = 0; at < ECC[version]!; at++) for (const part of parts) found.push(part.ecc[at]!)
  return found
}

function patterns(grid: Grid, version: number): void {
  const { size } = grid
  for (let at = 0; at < size; at++) {
    grid.put(6, at, at % 2 === 0)
    grid.put(at, 6, at % 2 === 0)
  }
  for (const [cx, cy] of [[3, 3], [size - 4, 3], [3, size - 4]] as const) {
    for (let dy = -4; dy <= 4; dy++) for (let dx = -4; dx <= 4; dx++) {
      const far = Math.max(Math.abs(dx), Math.abs(dy))
      grid.put(cx + dx, cy + dy, far !== 2 && far !== 4)
    }
  }
  const aligned = alignment(version, size)
  const last = aligned.length - 1
  aligned.forEach((cx, i) => aligned.forEach((cy, j) => {
    if ((i === 0 && j === 0) || (i === 0 && j === last) || (i === last && j === 0)) return
    for (let dy = -2; dy <= 2; dy++) for (let dx = -2; dx <= 2; dx++) grid.put(cx + dx, cy + dy, Math.max(Math.abs(dx), Math.abs(dy)) !== 1)
  }))
  format(grid, 0)
  if (version < 7) return
  let rest = version
  for (let n = 0; n < 12; n++) rest = (rest << 1) ^ ((rest >>> 11) * 0x1f25)
  const bits = (version << 12) | rest
  for (let n = 0; n < 18; n++) {
    const dark = ((bits >>> n) & 1) !== 0
    grid.put(size - 11 + (n % 3), Math.floor(n / 3), dark)
    grid.put(Math.floor(n / 3), size - 11 + (n % 3), dark)
  }
}

function alignment(version: number, size: number): number[] {
  if (version === 1) return []
  const count = Math.floor(version / 7) + 2
  const step = Math.floor((version * 8 + count * 3 + 5) / (count * 4 - 4)) * 2
  const found = [6]
  for (let at = size - 7; found.length < count; at -= step) found.splice(1, 0, at)
  return found
}

/** Level M has the bits 00. */
function format(grid: Grid, mask: number): void {
  let rest = mask
  for (let n = 0; n < 10; n++) rest = (rest << 1) ^ ((rest >>> 9) * 0x537)
  const bits = ((mask << 10) | rest) ^ 0x5412
  const bit = (n: number): boolean => ((bits >>> n) & 1) !== 0
  const { size } = grid
  for (let n = 0; n <= 5; n++) grid.put(8, n, bit(n))
  grid.put(8, 7, bit(6))
  grid.put(8, 8, bit(7))
  grid.put(7, 8, bit(8))
  for (let n = 9; n < 15; n++) grid.put(14 - n, 8, bit(n))
  for (let n = 0; n < 8; n++) grid.put(size - 1 - n, 8, bit(n))
  for (let n = 8; n < 15; n++) grid.put(8, size - 15 + n, bit(n))
  grid.put(8, size - 8, true)
}

function place(grid: Grid, words: number[]): void {
  const { size } = grid
  let at = 0
  for (let right = size - 1; right >= 1; right -= 2) {
    if (right === 6) right = 5
    for (let step = 0; step < size; step++) for (let side = 0; side < 2; side++) {
      const x = right - side
      const y = ((right + 1) & 2) === 0 ? size - 1 - step : step
      if (grid.fixed[y]![x] || at >= words.length * 8) continue
      grid.dark[y]![x] = ((words[at >>> 3]! >>> (7 - (at & 7))) & 1) !== 0
      at++
    }
  }
}

function flip(grid: Grid, mask: number): void {
  for (let y = 0; y < grid.size; y++) for (let x = 0; x < grid.size; x++) {
    if (!grid.fixed[y]![x] && MASKS[mask]!(x, y)) grid.dark[y]![x] = !grid.dark[y]![x]
  }
}
function apply(grid: Grid, mask: number): void {
  format(grid, mask)
  flip(grid, mask)
}

/** Long runs and unbalanced shares read badly; the mask with the fewest is taken. Any mask is valid. */
function penalty(dark: boolean[][]): number {
  const size = dark.length
  let found = 0
  let count = 0
  for (let a = 0; a < size; a++) for (const across of [true, false]) {
    let run = 0
    for (let b = 0; b < size; b++) {
      const now = across ? dark[a]![b] : dark[b]![a]
      const before = b === 0 ? undefined : across ? dark[a]![b - 1] : dark[b - 1]![a]
      run = now === before ? run + 1 : 1
      found += run === 5 ? 3 : run > 5 ? 1 : 0
      count += across && now ? 1 : 0
    }
  }
  return found + Math.floor(Math.abs(count * 20 - size * size * 10) / (size * size)) * 10
}
