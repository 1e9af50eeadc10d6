import type { Map as GlMap } from 'maplibre-gl'
import { mercatorX, mercatorY } from './movers'

/** The columns that are swept; `shown` says of each kind whether it is drawn. */
export interface Swept {
  size: number
  x: Float64Array
  y: Float64Array
  vx: Float64Array
  vy: Float64Array
  at: Float64Array
  live: Uint8Array
  kind: Uint8Array
  shown: Uint8Array
}

/** Solves a small linear system by elimination with pivoting; rows are [coefficients…, right side]. */
function solve(m: number[][]): number[] {
  const n = m.length
  for (let col = 0; col < n; col++) {
    const best = m.slice(col).reduce((most, row, at) => (Math.abs(row[col] ?? 0) > Math.abs(m[most]?.[col] ?? 0) ? at + col : most), col)
    const pivot = m[best] as number[]
    m[best] = m[col] as number[]
    m[col] = pivot
    for (const row of m) {
      if (row === pivot || !pivot[col]) continue
      const factor = (row[col] ?? 0) / (pivot[col] ?? 1)
      for (let at = col; at <= n; at++) row[at] = (row[at] ?? 0) - factor * (pivot[at] ?? 0)
    }
  }
  return m.map((row, at) => (row[n] ?? 0) / (row[at] || 1))
}

/**
 * Where a point of the web-mercator world stands on the screen, for one picture: the homography of the map's camera, so
 * that twenty thousand points cost twenty thousand divisions, also on a tilted map.
 */
export class Camera {
  private h: number[] = []
  private cx = 0
  private cy = 0
  private scale = 1
  /** Pixels a metre at the middle of the map. */
  metre = 1

  constructor(private readonly map: GlMap) {
    this.update()
  }

  update(): void {
    const centre = this.map.getCenter()
    this.scale = 512 * 2 ** this.map.getZoom()
    this.cx = mercatorX(centre.lng)
    this.cy = mercatorY(centre.lat)
    this.metre = this.scale / (40_075_016.68 * Math.cos((centre.lat * Math.PI) / 180))
    const reach = 80 / this.scale
    const rows: number[][] = []
    for (const [dx, dy] of [[-reach, -reach], [reach, -reach], [reach, reach], [-reach, reach]] as const) {
      const [u, v] = [dx * this.scale, dy * this.scale]
      const to = this.map.project([(this.cx + dx - 0.5) * 360, latitude(this.cy + dy)])
      rows.push([u, v, 1, 0, 0, 0, -u * to.x, -v * to.x, to.x], [0, 0, 0, u, v, 1, -u * to.y, -v * to.y, to.y])
    }
    this.h = solve(rows)
  }

  /**
   * Projects a whole column of points, moved on by their speed for as long as `ahead` says of each; answers how many of `slots`
   * were filled: those within `margin` pixels of the box. One pass, no call and no object for a point.
   */
  sweep(from: Swept, now: number, most: number, width: number, height: number, margin: number, screen: Float32Array, slots: Int32Array): number {
    const [h0, h1, h2, h3, h4, h5, h6, h7] = this.h as [number, number, number, number, number, number, number, number]
    const { cx, cy, scale } = this
    const { x, y, vx, vy, at, live, kind, shown, size } = from
    let count = 0
    for (let slot = 0; slot < size; slot++) {
      if (live[slot] === 0 || shown[kind[slot] as number] === 0) continue
      let gone = now - (at[slot] as number)
      gone = gone < 0 ? 0 : gone > most ? most : gone
      let dx = (x[slot] as number) + (vx[slot] as number) * gone - cx
      if (dx > 0.5) dx -= 1
      else if (dx < -0.5) dx += 1
      const u = dx * scale
      const v = ((y[slot] as number) + (vy[slot] as number) * gone - cy) * scale
      const w = h6 * u + h7 * v + 1
      if (w <= 0.02) continue
      const px = (h0 * u + h1 * v + h2) / w
      const py = (h3 * u + h4 * v + h5) / w
      if (px < -margin || py < -margin || px > width + margin || py > height + margin) continue
      screen[slot * 2] = px
      screen[slot * 2 + 1] = py
      slots[count++] = slot
    }
    return count
  }

  /** Writes x and y into `out` at `at`; false for what is behind the camera. */
  project(x: number, y: number, out: Float32Array, at: number): boolean {
    const h = this.h as [number, number, number, number, number, number, number, number]
    let dx = x - this.cx
    if (dx > 0.5) dx -= 1
    else if (dx < -0.5) dx += 1
    const u = dx * this.scale
    const v = (y - this.cy) * this.scale
    const w = h[6] * u + h[7] * v + 1
    out[at] = (h[0] * u + h[1] * v + h[2]) / w
    out[at + 1] = (h[3] * u + h[4] * v + h[5]) / w
    return w > 0.02
  }
}

export function latitude(y: number): number {
  return (360 / Math.PI) * Math.atan(Math.exp((0.5 - y) * 2 * Math.PI)) - 90
}
