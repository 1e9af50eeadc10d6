import type { Map as GlMap } from 'maplibre-gl'
import { Camera } from './camera'
import { STALE_MS, type Movers } from './movers'
import { token } from './style'
import { hull, OTHER, SYMBOLS } from './symbols'
import { SIMULATED, type Density } from './wire'

/** Above this many in view each is a small mark; below it, a symbol with heading and vector. */
const MANY = 1_500
/** Above this many in view dots would lie on each other: they are counted by cell. */
const CROWD = 30_000
const CELL = 26
/** Room that a name needs before all in view carry theirs, in square pixels. */
const NAME_ROOM = 26_000
const PICK_PX = 18
/** The vector shows where a thing will be in this many minutes. */
const VECTOR_MS = 6 * 60_000
/** A thing is drawn where its speed and course bring it, for at most so long after its report. */
const AHEAD_MS = 10_000
const HULL_PX = 22
const FRAME_MS = 40
const MARGIN_PX = 40

export interface Colours {
  plain: string
  simulated: string
  text: string
  halo: string
  chosen: string
}

/** A colour as a pixel of a picture's buffer: red, green, blue and opaque, in that order of bytes. */
export function ink(colour: string): number {
  const [r, g, b] = (/^#(..)(..)(..)$/.exec(colour) ?? []).slice(1).map((part) => parseInt(part, 16))
  return new Uint32Array(new Uint8Array([r ?? 0, g ?? 0, b ?? 0, 255]).buffer)[0] ?? 0
}

/** What moves, on a 2-D canvas over the still map: one symbol language, cheap enough for every frame. */
export class LiveLayer {
  chosen: number | null = null
  hovered: number | null = null
  density: Density | null = null
  /** Which kinds are shown, by number; one that is not named is shown. */
  hidden = new Set<number>()
  kinds: string[] = []
  /** Moves symbols between reports; off in playback, which places them itself, and for reduced motion. */
  ahead = !matchMedia('(prefers-reduced-motion: reduce)').matches
  clock: () => number = Date.now
  /** Called with the slots in view, few enough to carry names. */
  onFew: (slots: number[]) => void = () => undefined
  drawnFrames = 0
  private readonly canvas = document.createElement('canvas')
  private readonly camera: Camera
  private readonly every = sessionStorage.getItem('kouan.map.everyFrame') === '1'
  private movers: Movers
  private screen = new Float32Array(2048)
  private drawn = new Int32Array(1024)
  private count = 0
  private fastest = 0
  private frame = 0
  private timer = 0
  private colours: Colours = { plain: '', simulated: '', text: '', halo: '', chosen: '' }
  private font = ''
  private picture: ImageData | null = null
  private pixels = new Uint32Array(0)
  private inks = { plain: 0, simulated: 0 }
  private readonly kindsShown = new Uint8Array(256)

  constructor(private readonly map: GlMap, movers: Movers) {
    this.movers = movers
    this.canvas.className = 'live-layer'
    this.canvas.setAttribute('aria-hidden', 'true')
    Object.assign(this.canvas.style, { position: 'absolute', inset: '0', pointerEvents: 'none' })
    map.getCanvasContainer().append(this.canvas)
    this.camera = new Camera(map)
    map.on('move', () => this.paint())
    map.on('resize', () => this.paint())
    this.recolour()
  }

  /** Shows other movers: those of the past, or of now again. */
  show(movers: Movers): void {
    this.movers = movers
    this.paint()
  }

  recolour(): void {
    this.colours = { plain: token('text'), simulated: token('violet'), text: token('text'), halo: token('panel'), chosen: token('blue') }
    this.inks = { plain: ink(this.colours.plain), simulated: ink(this.colours.simulated) }
    this.font = `600 12px ${token('font')}`
    this.paint()
  }

  paint(): void {
    if (this.frame) return
    this.frame = requestAnimationFrame(() => {
      this.frame = 0
      this.draw()
      this.again()
    })
  }

  /** The slot nearest to a point of the map's box, within a generous distance. */
  at(x: number, y: number): number | null {
    let best: number | null = null
    let least = PICK_PX * PICK_PX
    for (let n = 0; n < this.count; n++) {
      const slot = this.drawn[n] as number
      const away = ((this.screen[slot * 2] as number) - x) ** 2 + ((this.screen[slot * 2 + 1] as number) - y) ** 2
      if (away < least) [best, least] = [slot, away]
    }
    return best
  }

  inView(): number[] {
    return Array.from(this.drawn.subarray(0, this.count))
  }

  remove(): void {
    cancelAnimationFrame(this.frame)
    clearTimeout(this.timer)
    this.canvas.remove()
  }

  /** Draws again when the fastest in view will have moved by half a pixel: a quiet port costs nothing. */
  private again(): void {
    clearTimeout(this.timer)
    if (this.every) this.paint()
    else if (this.ahead && this.fastest > 0) {
      const wait = Math.min(Math.max(0.5 / this.fastest, FRAME_MS), 2_000)
      this.timer = window.setTimeout(() => this.paint(), wait)
    }
  }

  private sized(): CanvasRenderingContext2D | null {
    const box = this.map.getContainer()
    const ratio = devicePixelRatio
    const [w, h] = [box.clientWidth, box.clientHeight]
    if (this.canvas.width !== Math.round(w * ratio) || this.canvas.height !== Math.round(h * ratio)) {
      this.canvas.width = Math.round(w * ratio)
      this.canvas.height = Math.round(h * ratio)
      Object.assign(this.canvas.style, { width: `${w}px`, height: `${h}px` })
    }
    const ctx = this.canvas.getContext('2d')
    ctx?.setTransform(ratio, 0, 0, ratio, 0, 0)
    return ctx
  }

  private collect(width: number, height: number): void {
    const m = this.movers
    if (this.screen.length < m.live.length * 2) {
      this.screen = new Float32Array(m.live.length * 2)
      this.drawn = new Int32Array(m.live.length)
    }
    this.camera.update()
    this.kindsShown.fill(1)
    for (const kind of this.hidden) this.kindsShown[kind] = 0
    const { size, x, y, vx, vy, at, live, kind } = m
    const now = this.clock()
    const most = this.ahead ? AHEAD_MS : 0
    const from = { size, x, y, vx, vy, at, live, kind, shown: this.kindsShown }
    this.count = this.camera.sweep(from, now, most, width, height, MARGIN_PX, this.screen, this.drawn)
    this.fastest = 0
    for (let n = 0; n < this.count; n++) {
      const slot = this.drawn[n] as number
      if (now - (at[slot] as number) >= AHEAD_MS) continue
      const speed = Math.abs(vx[slot] as number) + Math.abs(vy[slot] as number)
      if (speed > this.fastest) this.fastest = speed
    }
    this.fastest *= 512 * 2 ** this.map.getZoom()
  }

  private draw(): void {
    const ctx = this.sized()
    if (!ctx) return
    const box = this.map.getContainer()
    this.collect(box.clientWidth, box.clientHeight)
    const dotted = !this.density && this.count > MANY && this.count <= CROWD
    if (!dotted) ctx.clearRect(0, 0, box.clientWidth, box.clientHeight)
    if (dotted) this.dots(ctx)
    else if (this.density) this.counted(ctx)
    else if (this.count > CROWD) this.cells(ctx, box.clientWidth, box.clientHeight)
    else this.symbols(ctx, this.count * NAME_ROOM <= box.clientWidth * box.clientHeight)
    this.drawnFrames++
    this.canvas.dataset.frames = String(this.drawnFrames)
    this.canvas.dataset.drawn = String(this.count)
  }

  /** All dots in one picture of our own that is put on the canvas at once. */
  private dots(ctx: CanvasRenderingContext2D): void {
    const { width, height } = this.canvas
    if (this.picture?.width !== width || this.picture.height !== height) {
      this.picture = new ImageData(width, height)
      this.pixels = new Uint32Array(this.picture.data.buffer)
    }
    const { pixels, screen, drawn } = this
    const { flags } = this.movers
    const [plain, simulated] = [this.inks.plain, this.inks.simulated]
    const ratio = devicePixelRatio
    const size = Math.round((this.count > 8_000 ? 2 : 3) * ratio)
    pixels.fill(0)
    for (let n = 0; n < this.count; n++) {
      const slot = drawn[n] as number
      const left = Math.round((screen[slot * 2] as number) * ratio - size / 2)
      const top = Math.round((screen[slot * 2 + 1] as number) * ratio - size / 2)
      if (left < 0 || top < 0 || left + size > width || top + size > height) continue
      const colour = (flags[slot] as number) & SIMULATED ? simulated : plain
      for (let row = top * width + left, end = row + size * width; row < end; row += width) {
        for (let at = row; at < row + size; at++) pixels[at] = colour
      }
    }
    ctx.putImageData(this.picture, 0, 0)
    if (this.chosen !== null && this.movers.live[this.chosen]) this.mark(ctx, this.chosen)
  }

  /** Counts by cell of the screen. */
  private cells(ctx: CanvasRenderingContext2D, width: number, height: number): void {
    const cols = Math.ceil(width / CELL)
    const counts = new Uint32Array(cols * Math.ceil(height / CELL))
    for (let n = 0; n < this.count; n++) {
      const slot = this.drawn[n] as number
      const at = Math.floor((this.screen[slot * 2 + 1] as number) / CELL) * cols + Math.floor((this.screen[slot * 2] as number) / CELL)
      if (at >= 0 && at < counts.length) counts[at] = (counts[at] as number) + 1
    }
    counts.forEach((count, at) => count && this.cell(ctx, (at % cols) * CELL, Math.floor(at / cols) * CELL, CELL, CELL, count))
  }

  /** Counts by cell as the platform sends them when there is more in view than could be told apart. */
  private counted(ctx: CanvasRenderingContext2D): void {
    const d = this.density as Density
    const [w, h] = [(d.east - d.west) / d.cols, (d.north - d.south) / d.rows]
    d.counts.forEach((count, at) => {
      if (!count) return
      const [col, row] = [at % d.cols, Math.floor(at / d.cols)]
      const a = this.map.project([d.west + col * w, d.south + (row + 1) * h])
      const b = this.map.project([d.west + (col + 1) * w, d.south + row * h])
      this.cell(ctx, a.x, a.y, b.x - a.x, b.y - a.y, count)
    })
  }

  private cell(ctx: CanvasRenderingContext2D, x: number, y: number, w: number, h: number, count: number): void {
    ctx.globalAlpha = Math.min(0.15 + Math.log10(count + 1) * 0.25, 0.9)
    ctx.fillStyle = this.colours.chosen
    ctx.fillRect(x + 0.5, y + 0.5, w - 1, h - 1)
    ctx.globalAlpha = 1
  }

  private symbols(ctx: CanvasRenderingContext2D, named: boolean): void {
    const now = this.clock()
    for (let n = 0; n < this.count; n++) this.symbol(ctx, this.drawn[n] as number, now)
    if (this.chosen !== null && this.movers.live[this.chosen]) this.mark(ctx, this.chosen)
    const few = named ? this.inView() : this.inView().filter((slot) => slot === this.chosen || slot === this.hovered)
    for (const slot of few) this.name(ctx, slot)
    const unknown = few.filter((slot) => !this.movers.cards.has(slot))
    if (unknown.length) this.onFew(unknown)
  }

  private symbol(ctx: CanvasRenderingContext2D, slot: number, now: number): void {
    const m = this.movers
    const [x, y] = [this.screen[slot * 2] as number, this.screen[slot * 2 + 1] as number]
    const front = m.pointing(slot)
    const size = Math.min(15, Math.max(6, (this.map.getZoom() - 7.5) * 2))
    ctx.fillStyle = ctx.strokeStyle = (m.flags[slot] as number) & SIMULATED ? this.colours.simulated : this.colours.plain
    ctx.lineWidth = 1.4
    ctx.save()
    ctx.translate(x, y)
    const tilt = Math.cos((this.map.getPitch() * Math.PI) / 180)
    ctx.scale(1, tilt)
    if (front !== null) ctx.rotate(((front - this.map.getBearing()) * Math.PI) / 180)
    this.outline(ctx, slot, size, front !== null)
    ctx.restore()
    if (now - (m.at[slot] as number) > STALE_MS) ctx.stroke()
    else ctx.fill()
    if (m.vx[slot] || m.vy[slot]) this.vector(ctx, slot, x, y)
  }

  private outline(ctx: CanvasRenderingContext2D, slot: number, size: number, pointed: boolean): void {
    const m = this.movers
    const [length, beam] = [(m.length[slot] as number) * 2, m.beam[slot] as number]
    if (pointed && length && beam && length * this.camera.metre > HULL_PX) {
      const known = m.cards.get(slot)?.hull
      const shape = known && known[0] + known[1] > 0 ? known : ([length / 2, length / 2, beam / 2, beam / 2] as const)
      hull(ctx, shape, this.camera.metre)
      return
    }
    const symbol = SYMBOLS[this.kinds[m.kind[slot] as number] ?? ''] ?? OTHER
    ;(pointed ? symbol.front : symbol.still)(ctx, size)
  }

  private readonly spot = new Float32Array(2)
  private vector(ctx: CanvasRenderingContext2D, slot: number, x: number, y: number): void {
    const m = this.movers
    const to = VECTOR_MS
    this.camera.project((m.x[slot] as number) + (m.vx[slot] as number) * to, (m.y[slot] as number) + (m.vy[slot] as number) * to, this.spot, 0)
    ctx.beginPath()
    ctx.moveTo(x, y)
    ctx.lineTo(this.spot[0] as number, this.spot[1] as number)
    ctx.stroke()
  }

  private mark(ctx: CanvasRenderingContext2D, slot: number): void {
    ctx.strokeStyle = this.colours.chosen
    ctx.lineWidth = 2.5
    ctx.beginPath()
    ctx.arc(this.screen[slot * 2] as number, this.screen[slot * 2 + 1] as number, 20, 0, Math.PI * 2)
    ctx.stroke()
  }

  private name(ctx: CanvasRenderingContext2D, slot: number): void {
    const card = this.movers.cards.get(slot)
    if (!card) return
    const text = card.name || (card.ref.split(':').at(-1) ?? '')
    const [x, y] = [(this.screen[slot * 2] as number) + 15, (this.screen[slot * 2 + 1] as number) + 4]
    ctx.font = this.font
    ctx.lineWidth = 3.5
    ctx.lineJoin = 'round'
    ctx.strokeStyle = this.colours.halo
    ctx.fillStyle = (this.movers.flags[slot] as number) & SIMULATED ? this.colours.simulated : this.colours.text
    ctx.strokeText(text, x, y)
    ctx.fillText(text, x, y)
  }
}
