import type { Map as GlMap } from 'maplibre-gl'
import { isMoving, pointing, STALE_MS, type Ship, type Ships } from './ships'
import { token } from './style'

/** Above this many ships in view each is a small mark; below it, a ship with heading and vector. */
const MANY = 1_500
/** Room that a name needs before all ships in view carry theirs, in square pixels. */
const NAME_ROOM = 28_000
const PICK_PX = 18
/** The vector shows where a ship will be in this many minutes. */
const VECTOR_MIN = 6
const NM_PER_DEGREE = 60

interface Drawn {
  ship: Ship
  x: number
  y: number
}
interface Colours {
  ship: string
  simulated: string
  text: string
  halo: string
  chosen: string
}

/** Live ships on a 2-D canvas over the still map: one symbol language, cheap enough for every frame. */
export class LiveLayer {
  chosen: number | null = null
  hovered: number | null = null
  private readonly canvas = document.createElement('canvas')
  private drawn: Drawn[] = []
  private frame = 0
  private colours: Colours = { ship: '', simulated: '', text: '', halo: '', chosen: '' }

  constructor(private readonly map: GlMap, private readonly ships: Ships) {
    this.canvas.className = 'live-layer'
    this.canvas.setAttribute('aria-hidden', 'true')
    Object.assign(this.canvas.style, { position: 'absolute', inset: '0', pointerEvents: 'none' })
    map.getCanvasContainer().append(this.canvas)
    map.on('move', () => this.paint())
    map.on('resize', () => this.paint())
    this.recolour()
  }

  recolour(): void {
    this.colours = {
      ship: token('text'), simulated: token('violet'), text: token('text'), halo: token('panel'), chosen: token('blue'),
    }
    this.paint()
  }

  paint(): void {
    if (this.frame) return
    this.frame = requestAnimationFrame(() => {
      this.frame = 0
      this.draw()
    })
  }

  /** The ship nearest to a point of the map's box, within a generous distance. */
  at(x: number, y: number): Ship | null {
    let best: Drawn | null = null
    let least = PICK_PX * PICK_PX
    for (const d of this.drawn) {
      const away = (d.x - x) ** 2 + (d.y - y) ** 2
      if (away < least) [best, least] = [d, away]
    }
    return best?.ship ?? null
  }

  remove(): void {
    cancelAnimationFrame(this.frame)
    this.canvas.remove()
  }

  private sized(): CanvasRenderingContext2D | null {
    const box = this.map.getContainer()
    const ratio = devicePixelRatio
    const [w, h] = [box.clientWidth, box.clientHeight]
    if (this.canvas.width !== w * ratio || this.canvas.height !== h * ratio) {
      this.canvas.width = w * ratio
      this.canvas.height = h * ratio
      Object.assign(this.canvas.style, { width: `${w}px`, height: `${h}px` })
    }
    const ctx = this.canvas.getContext('2d')
    ctx?.setTransform(ratio, 0, 0, ratio, 0, 0)
    ctx?.clearRect(0, 0, w, h)
    return ctx
  }

  private inView(): Drawn[] {
    const box = this.map.getContainer()
    const out: Drawn[] = []
    for (const ship of this.ships.all.values()) {
      const { x, y } = this.map.project([ship.lon, ship.lat])
      if (x > -20 && y > -20 && x < box.clientWidth + 20 && y < box.clientHeight + 20) out.push({ ship, x, y })
    }
    return out
  }

  private draw(): void {
    const ctx = this.sized()
    if (!ctx) return
    this.drawn = this.inView()
    const many = this.drawn.length > MANY
    const now = Date.now()
    for (const d of this.drawn) {
      ctx.fillStyle = ctx.strokeStyle = d.ship.simulated ? this.colours.simulated : this.colours.ship
      if (many) ctx.fillRect(d.x - 1.5, d.y - 1.5, 3, 3)
      else this.symbol(ctx, d, now - d.ship.heard > STALE_MS)
    }
    const box = this.map.getContainer()
    const named = this.drawn.length * NAME_ROOM <= box.clientWidth * box.clientHeight
    for (const d of this.drawn) {
      if (d.ship.mmsi === this.chosen) this.ring(ctx, d)
      if (d.ship.mmsi === this.hovered || d.ship.mmsi === this.chosen || named) this.name(ctx, d)
    }
  }

  private symbol(ctx: CanvasRenderingContext2D, d: Drawn, stale: boolean): void {
    const size = Math.min(15, Math.max(7, (this.map.getZoom() - 7.5) * 2))
    const bow = pointing(d.ship)
    ctx.lineWidth = 1.4
    ctx.beginPath()
    if (bow === null) ctx.arc(d.x, d.y, size * 0.55, 0, Math.PI * 2)
    else {
      const turn = ((bow - this.map.getBearing()) * Math.PI) / 180
      ctx.save()
      ctx.translate(d.x, d.y)
      ctx.rotate(turn)
      ctx.moveTo(0, -size)
      ctx.lineTo(size * 0.55, size * 0.8)
      ctx.lineTo(-size * 0.55, size * 0.8)
      ctx.closePath()
      ctx.restore()
    }
    if (stale) ctx.stroke()
    else ctx.fill()
    if (isMoving(d.ship) && d.ship.cog !== null) this.vector(ctx, d)
  }

  private vector(ctx: CanvasRenderingContext2D, d: Drawn): void {
    const course = ((d.ship.cog ?? 0) * Math.PI) / 180
    const degrees = ((d.ship.sog ?? 0) * VECTOR_MIN) / 60 / NM_PER_DEGREE
    const lat = d.ship.lat + degrees * Math.cos(course)
    const lon = d.ship.lon + (degrees * Math.sin(course)) / Math.cos((d.ship.lat * Math.PI) / 180)
    const to = this.map.project([lon, lat])
    ctx.beginPath()
    ctx.moveTo(d.x, d.y)
    ctx.lineTo(to.x, to.y)
    ctx.stroke()
  }

  private ring(ctx: CanvasRenderingContext2D, d: Drawn): void {
    ctx.strokeStyle = this.colours.chosen
    ctx.lineWidth = 2.5
    ctx.beginPath()
    ctx.arc(d.x, d.y, 20, 0, Math.PI * 2)
    ctx.stroke()
  }

  private name(ctx: CanvasRenderingContext2D, d: Drawn): void {
    ctx.font = `600 12px ${token('font')}`
    ctx.lineWidth = 3.5
    ctx.lineJoin = 'round'
    ctx.strokeStyle = this.colours.halo
    ctx.fillStyle = d.ship.simulated ? this.colours.simulated : this.colours.text
    ctx.strokeText(d.ship.name, d.x + 15, d.y + 4)
    ctx.fillText(d.ship.name, d.x + 15, d.y + 4)
  }
}
