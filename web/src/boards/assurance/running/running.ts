import { orgWord, word } from '@/kernel/card/words'
import { langTag } from '@/kernel/i18n'
import type { Text } from '@/kernel/text/text'

export const TICKET = 'assurance.running.ticket'
export const PARAMETER = 'assurance.running.parameter'

export interface Service {
  service: string
  calls: number
  per_s: number
  errors: number
  median_ms: number
  usual_ms: number | null
  own_ms: number
  slow: boolean
}
export interface Cause {
  service: string
  own_before_ms: number
  own_now_ms: number
  share: number
}
export interface Running {
  at: string | null
  services: Service[]
  slow: string[]
  causes: Cause[]
  processes: { process: string; pid: number; began: string; counts: Record<string, number> }[]
}
export interface Ahead {
  days: number
  day: string
  low: number
  expected: number
  high: number
}
export interface Measure {
  code: string
  title: Text
  unit: string
  limit: number | null
  limit_of: Text
  help: Text
  days_known: number
  now: number | null
  past: { day: string; value: number }[]
  why_not: Text | null
  trend_per_day: number | null
  season: number[] | null
  ahead: Ahead[]
  /** Each day ahead, for the chart. */
  curve: Ahead[]
  past_error: { days_ahead: number; forecasts: number; median: number; nine_of_ten: number }[]
  reached: { earliest: string | null; expected: string | null; latest: string | null; looked_days: number } | null
}
export interface Forecast {
  at: string
  warn_days: number
  method: Text
  measures: Measure[]
}

/** What kind of service a name of the meters is, in words; `rest`: which one of its kind. */
export function serviceParts(service: string): { kind: string; rest: string } {
  const [first = '', ...rest] = service.split(' ')
  const name = rest.join(' ')
  const kind = word('running.parts', first)
  return { kind, rest: first === 'connector' ? orgWord(name) : name }
}

const SIZES = ['B', 'KB', 'MB', 'GB', 'TB', 'PB']

/** A quantity in its unit; bytes in the unit that leaves one to four digits before the point. */
export function amount(value: number, unit: string): string {
  if (unit !== 'B') return `${digits(value)}${unit === '%' ? ' %' : ''}`
  let size = Math.abs(value), n = 0
  while (size >= 1000 && n < SIZES.length - 1) {
    size /= 1000
    n += 1
  }
  return `${value < 0 ? '−' : ''}${digits(size)} ${SIZES[n]}`
}

function digits(value: number): string {
  return new Intl.NumberFormat(langTag.value, { maximumFractionDigits: Math.abs(value) < 10 ? 2 : Math.abs(value) < 100 ? 1 : 0 }).format(value)
}
