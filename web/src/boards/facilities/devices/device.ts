export interface Words {
  zh: string
  en: string
}
export interface Metric {
  name: string
  unit: string
  low: number | null
  high: number | null
  writable: boolean
}
export interface Device {
  id: string
  ref: string
  code: string
  name: Words
  kind: string
  kind_title: Words
  driver: string
  driver_title: Words
  place: string | null
  lane: string | null
  owner: string
  state: string
  keep_alive_s: number
  poll_s: number | null
  maker: string
  model: string
  online: boolean
  since: string | null
  seen_at: string | null
  born_at: string | null
  died_at: string | null
  calibration_due: string | null
  messages: number
  readings: number
  causes: { cause: string; title: Words; count: number }[]
  account: boolean
  simulated: boolean
  metrics: Metric[]
  last: { metric: string; value: number; at: number; unit: string }[]
}
export interface History {
  rows: number
  simulated: number
  columns: Record<'key' | 'at' | 'value' | 'quality', number[]>
  of: Record<string, { metric: string; unit: string; simulated: boolean }>
}
export interface Point {
  at: number
  value: number
}

export const inUse = (one: { state: string }): boolean => one.state === 'commissioned' || one.state === 'maintenance'
export const number = (value: number): string => new Intl.NumberFormat(undefined, { maximumFractionDigits: 2 }).format(value)

/** The points of each metric, in order of time (`at` in milliseconds). */
export function series(history: History): Map<string, Point[]> {
  const found = new Map<string, Point[]>()
  const { key = [], at = [], value = [] } = history.columns
  key.forEach((one, n) => {
    const metric = history.of[String(one)]?.metric
    if (metric === undefined) return
    const points = found.get(metric) ?? []
    points.push({ at: (at[n] ?? 0) / 1000, value: value[n] ?? 0 })
    found.set(metric, points)
  })
  for (const points of found.values()) points.sort((a, b) => a.at - b.at)
  return found
}

/** Lines as SVG paths; where nothing was heard for `gap` milliseconds the line is broken. */
export function path(points: Point[], x: (at: number) => number, y: (value: number) => number, gap: number): string {
  return points
    .map((one, n) => `${n && one.at - points[n - 1]!.at <= gap ? 'L' : 'M'}${x(one.at).toFixed(1)} ${y(one.value).toFixed(1)}`)
    .join('')
}
