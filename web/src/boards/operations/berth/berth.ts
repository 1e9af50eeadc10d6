import type { Item } from '@/kernel/api/types'
import type { Text } from '@/kernel/text/text'

export const PLAN = 'operations.berth.plan'
export const HOUR = 3_600_000

export interface Berth {
  ref: string
  title: Text
  length_m: number | null
  depth_m: number | null
}
export interface Chart {
  begin: string
  end: string
  now: string
  berths: Berth[]
  plans: Item[]
}
export interface Slot {
  berth: string
  begin: string
  end: string
}
export interface Note {
  at: string
  zh: string
  en: string
  because?: string | null
}
/** A stay as it is drawn: per cent of the width, what of it lies before or behind the span cut off. */
export interface Bar {
  item: Item
  left: number
  width: number
}

const time = (value: unknown) => new Date(String(value)).getTime()

/** Where a moment lies within the span, in per cent. */
export function at(chart: Chart, moment: string | number): number {
  const begin = time(chart.begin)
  return ((new Date(moment).getTime() - begin) / (time(chart.end) - begin)) * 100
}

export function barsOf(chart: Chart, berth: string): Bar[] {
  return chart.plans
    .filter((item) => item.data.berth === berth)
    .sort((a, b) => time(a.data.planned_from) - time(b.data.planned_from))
    .map((item) => {
      const left = Math.max(0, at(chart, String(item.data.planned_from)))
      const right = Math.min(100, at(chart, String(item.data.planned_to)))
      return { item, left, width: Math.max(0.6, right - left) }
    })
    .filter((bar) => bar.left < 100)
}

/** Moments of the axis: every sixth hour of the port's own clock, given how far it is from UTC. */
export function ticks(chart: Chart, offsetHours: number, every = 6): number[] {
  const shift = offsetHours * HOUR
  const step = every * HOUR
  const found: number[] = []
  for (let tick = Math.ceil((time(chart.begin) + shift) / step) * step - shift; tick < time(chart.end); tick += step) found.push(tick)
  return found
}

export function notesOf(item: Item): Note[] {
  return Array.isArray(item.data.notes) ? (item.data.notes as Note[]) : []
}

export function flagged(item: Item): boolean {
  return item.tracks.attention?.state === 'flagged' || item.state === 'halted'
}
