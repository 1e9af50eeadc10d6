import { computed } from 'vue'
import { useRoute } from 'vue-router'
import { langTag } from '@/kernel/i18n'
import type { Text } from '@/kernel/text/text'

export const FIGURE = 'operations.monitoring.figure'

export interface Change {
  value: number
  days: number
  ratio: number | null
}
export interface Day {
  day: string
  value: number | null
  expected: number | null
  low: number | null
  high: number | null
  verdict: string
  marked: boolean
}
export interface Mark {
  day: string
  verdict: string
  why: Text
}
export interface Figure {
  source: string
  title: Text
  value: number | null
  cases: number
  simulated: boolean
  week: Change | null
  year: Change | null
  days: Day[]
  marks: Mark[]
  verdict: string
  why: Text
}
export interface Indicator {
  code: string
  title: Text
  unit: Text
  clause: string
  formula: Text
  good: string
  how: string
  group: string
  owner: string
  digits: number
  dimensions: { name: string; title: Text }[]
  record: string | null
  revision: number
  own: boolean
  figures: Figure[]
}
export interface Offer {
  name: string
  title: Text
  values: { value: string; title: Text }[]
}
export interface Board {
  until: string
  today: string
  period: number
  limit: number
  calendar: boolean
  groups: { name: string; title: Text }[]
  offers: Offer[]
  indicators: Indicator[]
}
export interface Detail {
  until: string
  today: string
  period: number
  indicator: Indicator
  source: string
  hours: { at: string; figure: number | null; cases: number }[]
  divisions: { name: string; title: Text; parts: { value: string; title: Text; figure: number | null; cases: number }[] }[]
}
export interface Fact {
  record: string
  id: string
  ref: string
  at: string
  value: number
  cases: number
  by: Record<string, string>
  simulated: boolean
}
export interface Facts {
  figure: number | null
  cases: number
  listed: number | null
  listed_cases: number
  hidden: number
  items: Fact[]
  next: string | null
}

/** A figure as a person reads it: large ones short (3.9亿, 390M), small ones never rounded to nought. */
export function figureText(value: number | null | undefined, digits: number): string {
  if (value === null || value === undefined) return '–'
  const size = Math.abs(value)
  if (size >= 1e6) return new Intl.NumberFormat(langTag.value, { notation: 'compact', maximumSignificantDigits: 4 }).format(value)
  if (size > 0 && size < 10 ** -digits) return new Intl.NumberFormat(langTag.value, { maximumSignificantDigits: 2 }).format(value)
  return new Intl.NumberFormat(langTag.value, { maximumFractionDigits: digits }).format(value)
}

/** What a person takes from a small part of an hour: 0.0014 h are 5 seconds; nothing for other units and longer times. */
export function timeText(hours: number | null | undefined, unit: Text): string {
  const size = Math.abs(hours ?? 0)
  if (unit.en !== 'h' || size === 0 || size >= 0.1) return ''
  const [value, of] = size * 60 >= 1 ? [size * 60, 'minute'] : [size * 3600, 'second']
  return new Intl.NumberFormat(langTag.value, { style: 'unit', unit: of, maximumSignificantDigits: 2 }).format(value)
}

/** +12.3% */
export function ratioText(ratio: number): string {
  return new Intl.NumberFormat(langTag.value, { style: 'percent', maximumFractionDigits: 1, signDisplay: 'exceptZero' }).format(ratio)
}

/** Whether a change is for the worse: nobody says so where neither way is good, nor of less than a twentieth. */
export function worse(change: Change, good: string): boolean {
  return good !== '' && change.ratio !== null && Math.abs(change.ratio) >= 0.05 && change.ratio > 0 !== (good === 'up')
}

/** What the address asks for: the last day, how many days, which part. */
export function useAsked() {
  const route = useRoute()
  const text = (name: string) => (typeof route.query[name] === 'string' ? route.query[name] : '')
  return computed(() => {
    const by = Object.fromEntries(Object.entries(route.query).filter(([name, value]) => name.startsWith('by.') && typeof value === 'string' && value))
    return { until: text('until'), period: text('period') || '1', ...by } as Record<string, string>
  })
}
