import { chrome, loc } from '@/kernel/i18n'
import type { Why } from './ingest'

/** Field and rule, and how many rows, as one reads them. */
export function whyText(why: Why): string {
  const field = loc(why.field_title)
  return `${field ? chrome('form.errorAt', { field, text: loc(why.title) }) : loc(why.title)} ×${why.count}`
}
/** An interval in the largest unit that divides it. */
export function everyText(minutes: number): string {
  const [unit, n] = split(minutes)
  return chrome(`ingest.every.${unit}`, { n })
}
export function split(minutes: number): ['days' | 'hours' | 'minutes', number] {
  if (minutes % 1440 === 0) return ['days', minutes / 1440]
  return minutes % 60 === 0 ? ['hours', minutes / 60] : ['minutes', minutes]
}
export function toneOf(state: string): 'quiet' | 'now' | 'soon' | 'go' {
  if (state === 'failed') return 'now'
  if (state === 'stopped' || state === 'held' || state === 'returned') return 'soon'
  return state === 'done' ? 'go' : 'quiet'
}
