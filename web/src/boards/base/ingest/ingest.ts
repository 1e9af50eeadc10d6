import { api, recordPath } from '@/kernel/api/client'
import type { Item } from '@/kernel/api/types'
import { optionWord } from '@/kernel/card/words'
import { recordMeta } from '@/kernel/meta'
import { fieldAt, fieldsOf, type Field, type Option } from '@/kernel/record-form/schema'
import type { Text } from '@/kernel/text/text'

export const SOURCE = 'base.ingest.source'
export const RUN = 'base.ingest.run'
export const OUTSIDE = 'dataset:'

export interface Step {
  do: string
  a?: string
  b?: string
  table?: Record<string, string>
}
export interface Mapped {
  into: string
  column: string
  constant?: string
  steps: Step[]
  sure: number
  type?: string
}
export interface Inferred {
  rows: number
  columns: { name: string; type: string; empty: number; examples: string[]; identifier: string }[]
  mapping: Mapped[]
  sample: Record<string, unknown>[]
}
export interface Fault {
  field: string
  rule: string
  class: string
  reason: Text
  fix?: Text
  title?: Text
  field_title?: Text
}
export interface Change {
  piece: number
  row: number
  field: string
  before: string | null
  after: string | null
  rule: string
}
export interface Tried {
  counts: Record<string, number>
  rows: Record<string, unknown>[]
  changes: Omit<Change, 'piece'>[]
  refused: { row: number; problems: Fault[] }[]
  unreadable: { row: number; reason: Text }[]
}
export interface Looked {
  ok: boolean
  took_ms: number
  item: string
  rows: number
  reason: Text | null
  found: Inferred | null
  trial: Tried | null
}
export interface Why {
  rule: string
  count: number
  title: Text
  field_title: Text
}
export interface Run {
  id: string
  source: string
  code: string
  name: string
  title: string
  kind: string
  target: string
  target_title: Text | null
  state: string
  created: string
  ended: string | null
  counts: Record<string, number>
  scores: Record<string, number>
  aside: Record<string, number>
  why: Why[]
  columns: { into: string; title: Text; level: number; column: string | null; constant: string | null; steps: Step[] }[]
  error: Text | null
  owner: string
  sender: string | null
}
export interface Source {
  id: string
  version: number
  code: string
  name: string
  kind: string
  format: string
  target: string
  target_title: Text | null
  sender: string | null
  every_minutes: number | null
  active: boolean
  entered: boolean
  last: Pick<Run, 'id' | 'state' | 'created' | 'ended' | 'error' | 'counts' | 'why'> | null
  next: string | null
}
export interface Aside {
  piece: number
  row: number
  item: string
  data: Record<string, string>
  mended: Record<string, string>
  /** Its content was destroyed, since it told of an erased person. */
  erased: boolean
  problems: Fault[]
  state: string
  note: string
  by: string
  at: string
}
export interface AsideRun extends Pick<Run, 'id' | 'code' | 'title' | 'target' | 'target_title' | 'created' | 'owner' | 'sender' | 'aside'> {
  file: string
  own: boolean
}
/** What a source is asked for, as it is filed. */
export interface Definition {
  code: string
  name: string
  kind: string
  target: string
  address?: string
  query?: string
  key_column?: string
  host_key?: string
  format?: string
  element?: string
  sender?: string
  unique?: string[]
  every_minutes?: number | null
  renew?: boolean
  active?: boolean
}

export const KINDS = ['upload', 'folder', 'http', 'sftp', 'postgresql', 'mysql', 'sqlite', 'mqtt', 'nats', 'signals']
/** The settings of each kind of source, with examples of how they are written. */
export const SETTINGS: Record<string, Partial<Record<'address' | 'query' | 'key_column' | 'host_key', string>>> = {
  upload: {},
  folder: { address: '/srv/port/in', query: '*.csv' },
  http: { address: 'https://tos.example/moves.csv' },
  sftp: { address: 'sftp://tos.example:22/out', query: '*.xlsx', host_key: 'ssh-ed25519 AAAA…' },
  postgresql: { address: 'postgresql://tos.example:5432/tos', query: 'select * from moves', key_column: 'id' },
  mysql: { address: 'mysqls://tos.example:3306/tos', query: 'select * from moves', key_column: 'id' },
  sqlite: { address: '/srv/port/in/tos.db', query: 'moves', key_column: 'id' },
  mqtt: { address: 'mqtt://broker.example:1883', query: 'port/moves' },
  nats: { address: 'nats://broker.example:4222', query: 'port.moves' },
  signals: { address: 'reading', query: 'CRANE-1 load' },
}
/** Settings without which a kind cannot be read. */
export const NEEDED = ['address', 'query', 'host_key']
const OPTIONAL: Record<string, string[]> = { folder: ['query'], sftp: ['query'] }
export const optional = (kind: string, name: string) => !NEEDED.includes(name) || (OPTIONAL[kind] ?? []).includes(name)
/** Kinds whose content has a format of its own. */
export const FILES = ['upload', 'folder', 'http', 'sftp']
/** Kinds that are entered by a name and password. */
export const ENTERED = ['http', 'sftp', 'postgresql', 'mysql', 'mqtt', 'nats']
export const SIGNALS = ['reading', 'position', 'rejected']
export const UNITS: Record<string, number> = { minutes: 1, hours: 60, days: 1440 }
export const OPEN = ['waiting', 'running', 'stopping']
export const FATES = ['held', 'repaired', 'released', 'returned', 'dropped']
export const CLASSES = ['compliance', 'completeness', 'authenticity', 'timeliness']

/** How many bytes of a file are sent as its sample. */
export const SAMPLE = 1 << 20
/** What one request may hold; larger files go in parts. */
export const PART = 8 << 20
const OCTETS = { 'Content-Type': 'application/octet-stream' }

/** The choices of a field of a source, as its schema titles them. */
export function choices(path: string): Option[] {
  const known = recordMeta(SOURCE)
  return (known && fieldAt(fieldsOf(known.schema), path)?.options) || []
}
export function choice(path: string, value: string): string {
  const found = choices(path).find((one) => one.value === value)
  return found ? optionWord(found) : value
}
/** The fields of a target that is a record type; none of an outside data set. */
export function fieldsOfTarget(target: string): Field[] {
  const known = recordMeta(target)
  return known ? fieldsOf(known.schema).filter((one) => !one.readOnly) : []
}

/** The steps of a column as one reads them. */
export function steps(found: readonly Step[], words: (name: string) => string): string {
  return found.map((step) => [words(step.do), step.a, step.b].filter(Boolean).join(' ')).join(' → ')
}

/** A source as it is filed, out of a mapping; fields without a column or constant, and settings of other kinds, are left out. */
export function source(asked: Definition, mapping: readonly Mapped[]): Record<string, unknown> {
  const own = ['code', 'name', 'kind', 'target', 'sender', 'renew', 'active', ...Object.keys(SETTINGS[asked.kind] ?? {}), ...(FILES.includes(asked.kind) ? ['format', 'element'] : []), ...(asked.kind === 'upload' ? [] : ['every_minutes'])]
  const columns = mapping.filter((one) => one.column || one.constant).map((one) => ({
    into: one.into, ...(one.column ? { column: one.column } : { constant: one.constant }), steps: one.steps, ...(one.type && asked.target.startsWith(OUTSIDE) && { type: one.type }),
  }))
  const into = new Set(columns.map((one) => one.into))
  const stated = Object.entries(asked).filter(([name, value]) => own.includes(name) && value !== '' && value !== undefined && value !== null)
  return { ...Object.fromEntries(stated), unique: (asked.unique ?? []).filter((name) => into.has(name)), columns }
}

/** The beginning of a text file, cut behind its last whole line; binary files are sent whole. */
export async function sampleOf(file: File): Promise<Blob> {
  if (file.size <= SAMPLE || !/\.(csv|txt|jsonl|ndjson)$/i.test(file.name)) return file
  const bytes = new Uint8Array(await file.slice(0, SAMPLE).arrayBuffer())
  const end = bytes.lastIndexOf(10)
  return file.slice(0, end > 0 ? end + 1 : SAMPLE)
}

/** Bytes in base64, as JSON carries them. */
export async function base64(blob: Blob): Promise<string> {
  const bytes = new Uint8Array(await blob.arrayBuffer())
  let text = ''
  for (let at = 0; at < bytes.length; at += 8192) text += String.fromCharCode(...bytes.subarray(at, at + 8192))
  return btoa(text)
}

/** What a source holds and would become: of a file that was chosen, or by reaching it. */
export async function look(definition: Record<string, unknown>, file: File | null, entry: { source?: string; user: string; password: string }): Promise<Looked> {
  if (definition.kind !== 'upload') return api.post<Looked>('/api/ingest/look', { definition, ...entry })
  if (!file) throw new Error('no file')
  const { target, format, element } = definition as unknown as Definition
  const began = performance.now()
  const sample = await sampleOf(file)
  const found = await api.raw<Inferred>('/api/ingest/infer', sample, OCTETS, { target, name: file.name, format, element })
  const mapped = (definition.columns as unknown[]).length > 0
  const trial = mapped ? await api.post<Tried>('/api/ingest/try', { definition, name: file.name, sample_base64: await base64(sample) }) : null
  return { ok: true, took_ms: Math.round(performance.now() - began), item: file.name, rows: found.rows, reason: null, found, trial }
}

/** Begin a run, of an upload with its file. */
export async function begin(id: string, file: File | null = null): Promise<Run> {
  const door = `/api/ingest/sources/${id}/runs`
  if (!file) return api.post<Run>(door)
  const upload = await api.post<{ id: string }>('/api/ingest/uploads')
  for (let at = 0; at < file.size; at += PART) await api.part(`/api/ingest/uploads/${upload.id}`, file.slice(at, at + PART), { offset: at })
  return api.post<Run>(`${door}?upload=${upload.id}&name=${encodeURIComponent(file.name)}`)
}

/** File a source, or change the one that stands; its identifier. */
export async function keep(stated: Record<string, unknown>, former: Item | null): Promise<string> {
  if (!former) return (await api.post<{ item: Item }>(recordPath(SOURCE), stated)).item.id
  await api.put(`${recordPath(SOURCE)}/${former.id}`, stated, { 'If-Match': String(former.version) })
  return former.id
}

/** Let a schedule rest, or go on. */
export async function setActive(id: string, active: boolean): Promise<void> {
  const former = await api.get<Item>(`${recordPath(SOURCE)}/${id}`)
  await keep({ ...former.data, active }, former)
}
export const turn = (id: string, what: 'stop' | 'resume') => api.post<Run>(`/api/ingest/runs/${id}/${what}`)
