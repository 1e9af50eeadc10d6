import { mercatorX, mercatorY } from './movers'

/** What `GET /api/tracks` answers: points [ms since 1970, lon, lat, knots], stays, the last fix, the place it is in now. */
export interface TrackPlace {
  ref: string
  kind: string
  title: { zh: string; en: string }
}
export interface Stay {
  lon: number
  lat: number
  since: string
  until: string
  minutes: number
  fixes: number
  place: TrackPlace | null
}
export interface TrackAnswer {
  ref: string
  name: string
  kind: string
  simulated: boolean
  points: [number, number, number, number | null][]
  dwells: Stay[]
  last: { at: string; lon: number; lat: number } | null
  slot: TrackPlace | null
}
/** Between fixes further apart in time than this the way is a guess, and drawn as one. */
export const GAP_MS = 15 * 60_000

/** A track in columns, in fractions of the web-mercator world; nothing is made anew for a picture. */
export class Track {
  readonly at: Float64Array
  readonly x: Float64Array
  readonly y: Float64Array
  readonly stays: { x: number; y: number; label: string }[]

  constructor(readonly answer: TrackAnswer, label: (stay: Stay, number: number) => string) {
    const count = answer.points.length
    this.at = new Float64Array(count)
    this.x = new Float64Array(count)
    this.y = new Float64Array(count)
    answer.points.forEach(([at, lon, lat], n) => {
      this.at[n] = at
      this.x[n] = mercatorX(lon)
      this.y[n] = mercatorY(lat)
    })
    this.stays = answer.dwells.map((stay, n) => ({ x: mercatorX(stay.lon), y: mercatorY(stay.lat), label: label(stay, n + 1) }))
  }

  get from(): number {
    return this.at[0] ?? 0
  }
  get to(): number {
    return this.at[this.at.length - 1] ?? 0
  }

  /** How many fixes were made up to a moment. */
  upTo(moment: number): number {
    let [low, high] = [0, this.at.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.at[middle] as number) <= moment) low = middle + 1
      else high = middle
    }
    return low
  }

  /** Where it was at a moment: between two fixes on the straight line. */
  where(moment: number): [number, number] | null {
    const next = this.upTo(moment)
    if (!next) return null
    const last = next - 1
    const [x, y] = [this.x[last] as number, this.y[last] as number]
    if (next >= this.at.length) return [x, y]
    const share = (moment - (this.at[last] as number)) / ((this.at[next] as number) - (this.at[last] as number))
    return [x + ((this.x[next] as number) - x) * share, y + ((this.y[next] as number) - y) * share]
  }
}
