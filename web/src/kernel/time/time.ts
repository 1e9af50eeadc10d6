import { ref } from 'vue'
import { chrome, langTag } from '../i18n'

/** Zone of the port; every time on the screen stands in it. */
export const portZone = ref('Asia/Shanghai')
export const now = ref(Date.now())
setInterval(() => (now.value = Date.now()), 15_000)

export function setPortZone(zone: string): void {
  portZone.value = zone
}

export type When = string | number | Date | null | undefined

export function toDate(when: When): Date | null {
  if (when === null || when === undefined || when === '') return null
  // Numbers below the year 5138 in milliseconds are seconds.
  const date = typeof when === 'number' && when < 1e11 ? new Date(when * 1000) : new Date(when)
  return Number.isNaN(date.getTime()) ? null : date
}

function format(date: Date, options: Intl.DateTimeFormatOptions): string {
  return new Intl.DateTimeFormat(langTag.value, { timeZone: portZone.value, hourCycle: 'h23', ...options }).format(date)
}

export function zoneName(date = new Date()): string {
  const part = (style: 'long' | 'shortOffset') =>
    new Intl.DateTimeFormat(langTag.value, { timeZone: portZone.value, timeZoneName: style })
      .formatToParts(date)
      .find((p) => p.type === 'timeZoneName')?.value ?? ''
  return `${part('long')} ${part('shortOffset').replace('GMT', 'UTC')}`
}

/** 2026-11-22 14:05:09 */
export function absolute(when: When, seconds = true): string {
  const date = toDate(when)
  if (!date) return ''
  const options: Intl.DateTimeFormatOptions = {
    year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit',
  }
  if (seconds) options.second = '2-digit'
  const parts = new Intl.DateTimeFormat('en-CA', { timeZone: portZone.value, hourCycle: 'h23', ...options })
    .formatToParts(date)
    .reduce<Record<string, string>>((all, p) => ({ ...all, [p.type]: p.value }), {})
  const clock = [parts.hour, parts.minute, ...(seconds ? [parts.second] : [])].join(':')
  return `${parts.year}-${parts.month}-${parts.day} ${clock}`
}

/** The same with the zone's name: what a hover shows. */
export function absoluteWithZone(when: When): string {
  const date = toDate(when)
  return date ? `${absolute(date)} ${zoneName(date)}` : ''
}

/** 14:05 today, otherwise 11-22 14:05. */
export function short(when: When): string {
  const date = toDate(when)
  if (!date) return ''
  const full = absolute(date, false)
  const today = absolute(new Date(now.value), false).slice(0, 10)
  if (full.startsWith(today)) return full.slice(11)
  return full.slice(0, 4) === today.slice(0, 4) ? full.slice(5) : full
}

const STEPS: [Intl.RelativeTimeFormatUnit, number][] = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
]

/** "3 minutes ago", "in 2 hours". */
export function relative(when: When, from = now.value): string {
  const date = toDate(when)
  if (!date) return ''
  const seconds = (date.getTime() - from) / 1000
  const form = new Intl.RelativeTimeFormat(langTag.value, { numeric: 'always' })
  for (const [unit, size] of STEPS) {
    if (Math.abs(seconds) >= size) return form.format(Math.trunc(seconds / size), unit)
  }
  return chrome('time.justNow')
}

/** Wall clock of the port (`2026-11-22T14:05:00`) to an instant with offset. */
export function wallToInstant(wall: string): string {
  const guess = new Date(`${wall}Z`)
  if (Number.isNaN(guess.getTime())) return wall
  const shown = absolute(guess).replace(' ', 'T')
  const offset = new Date(`${shown}Z`).getTime() - guess.getTime()
  const minutes = Math.round(offset / 60_000)
  const sign = minutes < 0 ? '-' : '+'
  const pad = (n: number) => String(n).padStart(2, '0')
  const size = Math.abs(minutes)
  return `${wall}${sign}${pad(Math.floor(size / 60))}:${pad(size % 60)}`
}

/** An instant to the port's wall clock, as a date picker takes it. */
export function instantToWall(instant: string): string {
  return absolute(instant).replace(' ', 'T')
}

export function dayOf(when: When): string {
  const date = toDate(when)
  return date ? format(date, { year: 'numeric', month: 'long', day: 'numeric', weekday: 'short' }) : ''
}
