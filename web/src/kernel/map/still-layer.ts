import type { Map as GlMap } from 'maplibre-gl'
import { barb } from './barb'
import { Camera } from './camera'
import { mercatorX, mercatorY } from './movers'
import { token } from './style'
import { GAP_MS, type Track } from './track'

/** Something that stands and is measured: a wind, or how many people are at a place. */
export interface Mark {
  kind: 'wind' | 'heads'
  lon: number
  lat: number
  /** Knots, or people. */
  value: number
  /** Degrees from which the wind blows. */
  from?: number
  label: string
  /** Beneath it stands more: what a pointer over it is told. */
  told: string
  ref: string
  simulated: boolean
}
const PICK_PX = 22
const HEADS_UP = 16

/** What changes rarely, on a 2-D canvas beneath what moves: one track with its stays, and measured marks. */
export class StillLayer {
  /** The moment of a track's playback, milliseconds; null shows the track whole. */
  moment: number | null = null
  private readonly canvas = document.createElement('canvas')
  private readonly camera: Camera
  private readonly marks = new Map<string, Mark[]>()
  private readonly spot = new Float32Array(2)
  private track: Track | null = null
  private frame = 0

  constructor(private readonly map: GlMap) {
    this.canvas.className = 'still-layer'
    this.canvas.setAttribute('aria-hidden', 'true')
    Object.assign(this.canvas.style, { position: 'absolute', inset: '0', pointerEvents: 'none' })
    map.getCanvasContainer().append(this.canvas)
    this.camera = new Camera(map)
    map.on('move', () => this.paint())
    map.on('resize', () => this.paint())
  }

  setTrack(track: Track | null): void {
    this.track = track
    this.moment = null
    this.paint()
  }

  setMarks(group: string, marks: Mark[]): void {
    this.marks.set(group, marks)
    this.paint()
  }

  /** The mark nearest to a point of the map's box. */
  at(x: number, y: number): Mark | null {
    let best: Mark | null = null
    let least = PICK_PX * PICK_PX
    for (const mark of this.all()) {
      if (!this.place(mark)) continue
      const lift = mark.kind === 'heads' ? HEADS_UP : 0
      const away = ((this.spot[0] as number) - x) ** 2 + ((this.spot[1] as number) - lift - y) ** 2
      if (away < least) [best, least] = [mark, away]
    }
    return best
  }

  paint(): void {
    if (this.frame) return
    this.frame = requestAnimationFrame(() => {
      this.frame = 0
      this.draw()
    })
  }

  remove(): void {
    cancelAnimationFrame(this.frame)
    this.canvas.remove()
  }

  private *all(): Generator<Mark> {
    for (const marks of this.marks.values()) yield* marks
  }

  private place(mark: Mark): boolean {
    return this.camera.project(mercatorX(mark.lon), mercatorY(mark.lat), this.spot, 0)
  }

  private draw(): void {
    const box = this.map.getContainer()
    const ratio = devicePixelRatio
    const [w, h] = [box.clientWidth, box.clientHeight]
    if (this.canvas.width !== Math.round(w * ratio) || this.canvas.height !== Math.round(h * ratio)) {
      this.canvas.width = Math.round(w * ratio)
      this.canvas.height = Math.round(h * ratio)
      Object.assign(this.canvas.style, { width: `${w}px`, height: `${h}px` })
    }
    const ctx = this.canvas.getContext('2d')
    if (!ctx) return
    // An empty canvas costs the browser a layer to blend in every picture.
    this.canvas.hidden = !this.track && ![...this.marks.values()].some((marks) => marks.length > 0)
    ctx.setTransform(ratio, 0, 0, ratio, 0, 0)
    ctx.clearRect(0, 0, w, h)
    this.camera.update()
    ctx.lineJoin = ctx.lineCap = 'round'
    if (this.track) this.drawTrack(ctx, this.track)
    let marks = 0
    for (const mark of this.all()) if (this.place(mark)) marks += this.mark(ctx, mark)
    this.canvas.dataset.marks = String(marks)
    this.canvas.dataset.fixes = String(this.track?.at.length ?? 0)
    this.canvas.dataset.stays = String(this.track?.stays.length ?? 0)
  }

  private drawTrack(ctx: CanvasRenderingContext2D, track: Track): void {
    const done = this.moment === null ? track.at.length : track.upTo(this.moment)
    const colour = token(track.answer.simulated ? 'violet' : 'blue')
    ctx.strokeStyle = colour
    if (done < track.at.length) {
      ctx.globalAlpha = 0.35
      this.way(ctx, track, Math.max(done - 1, 0), track.at.length)
      ctx.globalAlpha = 1
    }
    this.way(ctx, track, 0, done)
    track.stays.forEach((stay, n) => this.stay(ctx, stay, n + 1, colour))
    const now = this.moment === null ? null : track.where(this.moment)
    if (now && this.camera.project(now[0], now[1], this.spot, 0)) this.dot(ctx, 8, colour)
    const last = track.at.length - 1
    if (last >= 0 && this.camera.project(track.x[last] as number, track.y[last] as number, this.spot, 0)) this.dot(ctx, 5, colour)
  }

  /** A stretch of the track as two paths: what was told, and, dashed, what lies between fixes far apart. */
  private way(ctx: CanvasRenderingContext2D, track: Track, from: number, to: number): void {
    for (const guessed of [false, true]) {
      ctx.setLineDash(guessed ? [2, 6] : [])
      ctx.lineWidth = guessed ? 1.5 : 2.5
      ctx.beginPath()
      let [x, y] = [0, 0]
      for (let n = from; n < to; n++) {
        if (!this.camera.project(track.x[n] as number, track.y[n] as number, this.spot, 0)) continue
        const far = n > from && (track.at[n] as number) - (track.at[n - 1] as number) > GAP_MS
        if (n > from && far === guessed) {
          ctx.moveTo(x, y)
          ctx.lineTo(this.spot[0] as number, this.spot[1] as number)
        }
        x = this.spot[0] as number
        y = this.spot[1] as number
      }
      ctx.stroke()
    }
    ctx.setLineDash([])
  }

  private dot(ctx: CanvasRenderingContext2D, size: number, colour: string): void {
    ctx.beginPath()
    ctx.arc(this.spot[0] as number, this.spot[1] as number, size, 0, Math.PI * 2)
    ctx.fillStyle = colour
    ctx.fill()
    ctx.lineWidth = 2
    ctx.strokeStyle = token('panel')
    ctx.stroke()
    ctx.strokeStyle = colour
  }

  private stay(ctx: CanvasRenderingContext2D, stay: Track['stays'][number], number: number, colour: string): void {
    if (!this.camera.project(stay.x, stay.y, this.spot, 0)) return
    const [x, y] = [this.spot[0] as number, this.spot[1] as number]
    ctx.beginPath()
    ctx.arc(x, y, 9, 0, Math.PI * 2)
    ctx.fillStyle = token('panel')
    ctx.fill()
    ctx.lineWidth = 2
    ctx.stroke()
    ctx.textAlign = 'center'
    this.text(ctx, String(number), x, y + 4, colour)
    ctx.textAlign = 'left'
    this.text(ctx, stay.label, x + 10, y - 14, colour)
  }

  private text(ctx: CanvasRenderingContext2D, text: string, x: number, y: number, colour: string): void {
    ctx.save()
    ctx.font = `600 12px ${token('font')}`
    ctx.lineWidth = 3.5
    ctx.strokeStyle = token('panel')
    ctx.fillStyle = colour
    ctx.strokeText(text, x, y)
    ctx.fillText(text, x, y)
    ctx.restore()
  }

  private mark(ctx: CanvasRenderingContext2D, mark: Mark): number {
    const [x, y] = [this.spot[0] as number, this.spot[1] as number]
    const colour = token(mark.simulated ? 'violet' : 'text')
    ctx.save()
    ctx.translate(x, y)
    ctx.strokeStyle = colour
    ctx.fillStyle = colour
    ctx.lineWidth = 1.8
    if (mark.kind === 'wind') {
      const towards = (((mark.from ?? 0) - this.map.getBearing()) * Math.PI) / 180
      barb(ctx, mark.value, towards, mark.lat < 0)
      // The words stand where the staff does not.
      const left = Math.sin(towards) > 0
      ctx.textAlign = left ? 'right' : 'left'
      this.text(ctx, mark.label, left ? -8 : 8, Math.cos(towards) > 0 ? 14 : -6, colour)
    } else {
      // A head and shoulders beside the number, above the place.
      ctx.translate(0, -HEADS_UP)
      ctx.beginPath()
      ctx.arc(-8, -6, 3.5, 0, Math.PI * 2)
      ctx.moveTo(-2, 6)
      ctx.arc(-8, 6, 6, 0, Math.PI, true)
      ctx.closePath()
      ctx.fill()
      this.text(ctx, mark.label, 2, 5, colour)
    }
    ctx.restore()
    return 1
  }
}
