import { api } from '@/kernel/api/client'
import { accountText } from '@/kernel/card/names'
import { orgWord, word } from '@/kernel/card/words'
import { chrome, loc } from '@/kernel/i18n'
import { meta, recordMeta, recordTitle } from '@/kernel/meta'
import { session } from '@/kernel/session'
import type { Text } from '@/kernel/text/text'
import { absolute } from '@/kernel/time/time'

export const HOME = '/assurance/datause'
export const USES = '/assurance/datause/uses'

/** What one key of a sum was shown, and what the audit says of it. */
export interface Sum {
  key: string
  org: string
  rows: number
  masked: number
  accounts: number
  service: boolean
  restricted: number
  denied: number
  last: string
}
export interface Counts {
  since: string
  until: string
  by: string
  items: Sum[]
  total: Sum | null
}
export interface Alarm {
  id: string
  number: string
  alert: string
  severity: 'notice' | 'warning' | 'serious' | 'critical'
  title: Text
  message: Text
  at: string
  value: number | null
  threshold: number | null
  state: string
  evidence: { account?: string; org?: string; doors?: { record: string }[]; rows?: number; since?: string; until?: string; all_records?: string; found?: string[] }
}
export interface Situation {
  at: string
  hours: number
  watched: { code: string; title: Text; severity: string; defaults: Record<string, number> }[]
  alarms: Alarm[]
  reads: { n: number; masked: number; accounts: number; restricted: number; denied: number }
  denials: { account: string; org: string; last: string; action: string; reason: string; times: number }[]
  checks: { code: string; title: Text; at: string; ok: boolean; found: string[] }[]
}
export interface Level {
  record: string
  title: Text
  levels: Record<'2' | '3' | '4', number>
  fields: { name: string; title: Text; level: number }[]
  sealed_for: Text | null
  parties: { name: string; by: string; fields: number; restricted: number }[]
  used: { rows: number; masked: number; accounts: number; restricted: number } | null
}
export interface Levels {
  levels: { level: number; fields: number }[]
  records: Level[]
  signals: { code: string; title: Text; level: number }[]
}
export interface Protection {
  suite: { code: string; title: Text; hash: string; signature: string; seal: string; mac: string }
  keys: { kind: string; title: Text; held: number; erased: number; last: string | null }[]
  tokens: { kind: string; title: Text; most: number; tokens: number; joined: number; records: { record: string; tokens: number; joined: number }[] }[]
}
export interface Use {
  id: number
  at: string
  org: string
  account: string
  service: boolean
  record: string
  door: string
  rows: number
  masked: number
  unlisted: number
  hit: number | null
}
export interface Uses {
  items: Use[]
  days: { day: string; org: string; account: string; service: boolean; record: string; door: string; rows: number; n: number; masked: number }[]
  next: number | null
  meant: { ref: string | null; records: number; most: number } | null
}
export interface Within {
  clearance: number | null
  items: { id: string; ref: string | null; kept: boolean; fields: { name: string; title: Text; level: number; masked: boolean }[] }[]
  next: string | null
}
export interface Entry {
  id: number
  at: string
  org: string
  account: string
  action: string
  level: number
  outcome: 'allowed' | 'denied'
  reason: string
  ref: string | null
}
export type View = 'uses' | 'restricted' | 'denied' | 'erasure' | 'watching'
export const VIEWS: readonly View[] = ['uses', 'restricted', 'denied', 'erasure', 'watching']
/** What narrows the record of use and may stand in an address; a reference may not. */
export interface Asked {
  since?: string
  until?: string
  org?: string
  account?: string
  record?: string
  door?: string
  id?: string
}

export const datause = {
  situation: (hours: number) => api.get<Situation>('/api/datause/situation', { hours }),
  counts: (by: string, asked: Asked) => api.get<Counts>('/api/datause/counts', { ...asked, by }),
  levels: (hours: number) => api.get<Levels>('/api/datause/levels', { hours }),
  protection: () => api.get<Protection>('/api/datause/protection'),
  uses: (asked: Asked & { ref?: string; before?: number }) => api.post<Uses>('/api/datause/uses', asked),
  within: (use: number, after: string | null) => api.get<Within>(`/api/datause/uses/${use}`, { after }),
  trail: (kind: View, asked: Asked, before: number | null) => api.get<{ items: Entry[]; next: number | null }>('/api/datause/trail', { ...asked, kind, before }),
  readers: (record: string, id: string, before: number | null) =>
    api.get<{ items: { at: string; org: string; account: string | null; door: string; among: boolean }[]; next: number | null }>('/api/datause/readers', { record, id, before }),
}

/** Whether this user watches over the use of data; others see who read what their organisation filed. */
export function watches(): boolean {
  return session.has('security-admin', 'audit-admin') || (session.orgKind.value === 'portoffice' && session.has('officer', 'clerk', 'operator'))
}

/** Where the lines behind a figure stand. */
export function usesRoute(asked: Asked, view: View = 'uses'): { path: string; query: Record<string, string> } {
  const query = { ...(view === 'uses' ? {} : { view }), ...asked }
  return { path: USES, query: Object.fromEntries(Object.entries(query).filter(([, value]) => value)) }
}

/** What an alarm says, with names where the platform keeps numbers and codes. */
export function told(message: string, alarm: Alarm): string {
  const { account, org, doors } = alarm.evidence
  let text = account ? message.replaceAll(account, accountText(account)) : message
  if (org) text = text.replace(new RegExp(`([（(])${org}([）)])`, 'g'), (_, begins: string, ends: string) => `${begins}${orgWord(org)}${ends}`)
  for (const one of doors ?? []) text = text.replaceAll(one.record, recordTitle(one.record))
  return text
}

/** The span of the records that an alarm is about. */
export function touchedBy(alarm: Alarm): Asked | null {
  const { account, since, until, all_records } = alarm.evidence
  if (!account) return null
  const begins = since ?? new URLSearchParams(all_records?.split('?')[1] ?? '').get('since') ?? alarm.at
  // The line that was the last to be counted is part of it.
  const ends = until ? new Date(Date.parse(until) + 1000).toISOString() : undefined
  return { account, since: begins, until: ends }
}

/** The bars of a series: each with its end, which is where the next begins. */
export function bars(counts: Counts): (Sum & { until: string })[] {
  return counts.items.map((one, n) => ({ ...one, until: counts.items[n + 1]?.key ?? counts.until }))
}

/** When a bar begins, as short as it can be said. */
export function barLabel(key: string, by: string): string {
  const full = absolute(key, false)
  return by === 'hour' ? full.slice(11) : full.slice(5, 10)
}

const WAYS: [RegExp, string][] = [
  [/\/history$/, 'history'], [/\/export$|\/download$|\/file$/, 'export'], [/\/search$/, 'search'], [/\/api\/trace/, 'trace'],
  [/\/api\/shared/, 'shared'], [/\/api\/query/, 'query'], [/\/api\/subjects/, 'subject'], [/\/api\/worklist/, 'worklist'],
  [/\/api\/records\/.+\/\{id\}$/, 'one'], [/\/api\/records\//, 'list'],
]
/** By which kind of door something was shown; the door itself is for who looks closer. */
export function doorWord(door: string): string {
  const way = door ? WAYS.find(([like]) => like.test(door))?.[1] : 'none'
  return way ? chrome(`datause.ways.${way}`) : serviceOf(door) || chrome('datause.ways.other')
}

/** The module that a door belongs to, where its address says so. */
function serviceOf(door: string): string {
  const name = /\/api\/([a-z]+)/.exec(door)?.[1]
  return loc(meta.value?.boards.flatMap((board) => board.modules).find((one) => one.name === name)?.title)
}

/** An action of the audit in words: what was read and how, or what was tried. */
export function actionWord(action: string): string {
  const records = /^[A-Z]+ \/api\/records\/([a-z_]+)\/([a-z_]+)\/([a-z_]+)/.exec(action)
  if (records) return chrome('datause.readAs', { what: recordTitle(records.slice(1).join('.')), how: doorWord(action) })
  if (action.includes(' /')) return serviceOf(action) || action
  const [about = '', how = ''] = action.split(':', 2)
  if (how && recordMeta(about)) return chrome('datause.readAs', { what: recordTitle(about), how: word('datause.acts', how) })
  const code = action.replace(/[.:]/g, '_')
  const named = word('datause.acts', code)
  return named === code ? action : named
}

/** The highest declared level of a record type; 1 where nothing is known of it. */
export function levelOf(record: string): number {
  const fields = Object.values(recordMeta(record)?.schema.properties ?? {}) as { 'x-kouan'?: { level?: number } }[]
  return Math.max(1, ...fields.map((field) => field['x-kouan']?.level ?? 1))
}

/** Fetches the record of use as a file and hands it to the browser. */
export async function download(asked: Asked & { ref?: string }, format: 'csv' | 'xlsx'): Promise<void> {
  const file = await api.file('/api/datause/uses/file', { ...asked, format })
  const link = document.createElement('a')
  link.href = URL.createObjectURL(file)
  link.download = `data-use.${format}`
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000)
}
