import { onBeforeUnmount } from 'vue'
import { api } from '@/kernel/api/client'
import type { Item } from '@/kernel/api/types'
import { useLoad, type Load } from '@/kernel/api/useLoad'
import { onFact } from '@/kernel/live'
import type { Text } from '@/kernel/text/text'

export const WARNING = 'operations.alerts.warning'
export const RULE = 'operations.alerts.rule'
export const SETTING = 'operations.alerts.setting'
/** Kinds of organisation that write rules and approve numbers. */
export const AUTHORS = ['portoffice', 'terminal', 'customs', 'border', 'maritime', 'transport']
export const LEVELS = ['critical', 'serious', 'warning', 'notice'] as const
export type Level = (typeof LEVELS)[number]
export const TONES: Record<Level, 'now' | 'soon' | 'quiet'> = { critical: 'now', serious: 'now', warning: 'soon', notice: 'quiet' }

/** Time (ISO, or milliseconds since 1970), longitude, latitude. */
export type Fix = [string | number, number, number]
/** A ship as a warning shows her; `way`: her last fixes. */
export interface Ship {
  name: string
  lon: number
  lat: number
  at: string
  speed_kn: number
  course_deg: number
  radar_only: boolean
  way?: Fix[]
}
/** What a rule, or an alert with other numbers, would have raised; `partial`: there was more than a trial reads. */
export interface Trial {
  since: string
  until: string
  partial: boolean
  rows: number
  alarms: number
  by: string
  at: string
  hits: { at: string; until?: string | null; subject: string; value?: number | null; lon?: number | null; lat?: number | null; simulated?: boolean }[]
}
/** An alert that the platform brings. */
export interface Kind {
  code: string
  title: Text
  clause: string
  owner: string
  enabled: boolean
  triable: boolean
  parameters: { name: string; title: Text; value: number; default: number; unit: string; lowest: number; highest: number }[]
}

export interface Alarm extends Item {
  live: { count: number; last: string; value: number | null } | null
}
export interface AlarmData {
  number: string
  alert: string
  severity: Level
  title: Text
  message: Text
  at: string
  until?: string
  place?: string
  lon?: number | null
  lat?: number | null
  subjects: string[]
  value?: number
  threshold?: number
  unit: string
  clause: string
  owner: string
  rule?: string
  count: number
  simulated: boolean
  evidence: Evidence
}
export interface Evidence {
  /** The last fixes of what a staff's rule watched. */
  track?: Fix[]
  ships?: Ship[]
  before?: [number, number]
  after?: [number, number]
  anchor?: [number, number]
  device?: string
  metric?: string
  trend?: { per_min: number; samples: [string, number][] }
  explanation?: { conditions: { condition: Text & { threshold: number | null }; met: boolean; seen: number | null }[] }
  /** Whose use of data a warning of data security is about, since when, and the door at which all its records stand. */
  account?: string
  since?: string
  all_records?: string
  [name: string]: unknown
}
export interface Step {
  at: string
  action: string
  title: Text
  state: string
  severity: Level
  by: string
  org: string
  text: string
  version: number
}
export interface Week {
  alert: string
  rule: string | null
  week: string
  genuine: number
  wrong: number
  undecided: number
  precision: number | null
}

export const dataOf = (item: Item): AlarmData => item.data as unknown as AlarmData
export const levelOf = (item: Item): Level => dataOf(item).severity
export const dueOf = (item: Item): string | null => (item.tracks.handling?.due as string | null | undefined) ?? null

/** Open warnings or all, the gravest first; loaded again when a fact about one is told. */
export function useAlarms(state: () => 'open' | 'all', everyMs = 15_000): Load<{ items: Alarm[]; now: string }> {
  const found = useLoad(() => api.get<{ items: Alarm[]; now: string }>('/api/warnings', { state: state() }), everyMs)
  let timer = 0
  onFact((fact) => {
    if (fact.record !== WARNING) return
    clearTimeout(timer)
    timer = window.setTimeout(() => void found.load(), 300)
  })
  onBeforeUnmount(() => clearTimeout(timer))
  return found
}

export function graver(a: Item, b: Item): number {
  return LEVELS.indexOf(levelOf(a)) - LEVELS.indexOf(levelOf(b)) || b.filed_at.localeCompare(a.filed_at)
}
