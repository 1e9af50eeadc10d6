import type { Ref } from 'vue'
import { api } from '@/kernel/api/client'
import { inUse, type Device, type Devices } from './stations'

/** The time that is played again: whether it is, its span and its moment, milliseconds. */
export interface PastTime {
  on: Ref<boolean>
  from: Ref<number>
  to: Ref<number>
  at: Ref<number>
}
/** What a layer's door would have answered at a moment. */
export type Then = (moment: number) => unknown
export type Remember = (since: string, until: string) => Promise<Then>

/** So many devices' readings are read back for a playback. */
const MOST = 40
const EVERY_S = 30

export interface Raised {
  data: { at: string; until?: string | null }
}
/** Warnings whose condition held at a moment. */
export function standing<T extends Raised>(items: T[], moment: number): T[] {
  return items.filter(({ data }) => Date.parse(data.at) <= moment && (!data.until || Date.parse(data.until) > moment))
}

export const warningsThen: Remember = async (since, until) => {
  const { items } = await api.get<{ items: Raised[] }>('/api/warnings', { state: 'all', since, until, limit: 500 })
  return (moment) => ({ items: standing(items, moment) })
}

export interface Readings {
  columns: { key: number[]; at: number[]; value: number[] }
  of: Record<string, { metric: string; unit: string }>
}
/** The last reading of each metric up to a moment, as a device's `last` tells it now. */
export function lastAt({ columns, of }: Readings, moment: number): Device['last'] {
  const found = new Map<number, number>()
  for (let row = 0; row < columns.at.length && (columns.at[row] as number) / 1000 <= moment; row++) found.set(columns.key[row] as number, row)
  return [...found].flatMap(([key, row]) => {
    const named = of[String(key)]
    return named ? [{ metric: named.metric, unit: named.unit, value: columns.value[row] as number, at: columns.at[row] as number }] : []
  })
}

/** What devices of a kind told in a span, read back from history. */
export const readingsThen = (kind: string): Remember => async (since, until) => {
  const devices = (await api.get<Devices>('/api/devices', { kind, limit: 1000 })).items.filter(inUse).slice(0, MOST)
  const told = await Promise.all(devices.map((one) => api.get<Readings>('/api/history', { device: one.code, since, until, every: EVERY_S }).catch(() => null)))
  return (moment) => ({ items: devices.map((one, n) => ({ ...one, last: told[n] ? lastAt(told[n], moment) : [] })) })
}
