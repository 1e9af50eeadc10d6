/** Shapes of the HTTP API, as the contract states them. */
import type { Text } from '../text/text'
import type { Tiles } from '../map/tiles'
import type { JsonSchema } from '../record-form/schema'

export interface Me {
  org: { slug: string; kind: string; title: Text }
  user: { id: string; name: string }
  roles: string[]
  clearance: number
  csrf: string
  demo: boolean
}

export interface DemoAccount {
  org: string
  user: string
  role: string
  title: Text | string
}

export interface PageLink {
  path: string
  title: Text
}
export interface ModuleMeta {
  name: string
  title: Text
  summary: Text
  clauses: string[]
  records: string[]
  pages: PageLink[]
}
export interface BoardMeta {
  name: string
  title: Text
  clause: string
  summary: Text
  modules: ModuleMeta[]
  holds: { clause: string; title: Text }[]
}
export interface ActionMeta {
  name: string
  title: Text
  from: string[]
  to: string
  by: string[]
  sets: string[]
}
export interface TrackMeta {
  name: string
  title: Text
  owner: string
  states: Record<string, Text>
  final?: string[]
  actions: ActionMeta[]
}
export interface RecordMeta {
  title: Text
  summary: Text
  clause: string
  kind: 'filing' | 'report' | 'state'
  /** The kind of the references of its records. */
  ref?: string
  key: string[]
  readable: boolean
  writable: boolean
  schema: JsonSchema
  label?: string
  parties?: { name: string; sees: 'all' | string[] }[]
  amendable?: boolean
  columns: string[]
  filters: { field: string; type: string }[]
  lifecycle: { tracks: TrackMeta[] } | null
  samples: { name: string; format: string; href: string }[]
}
export interface Meta {
  port: {
    code: string; name: Text; demo: boolean; center: [number, number]; zone: string; tiles?: Tiles | null
    /** The port of entry that was chosen, and all that have a profile. */
    entry: string; entries: { code: string; name: Text; mode: string; tier: string }[]
  }
  boards: BoardMeta[]
  records: Record<string, RecordMeta>
  /** Titles of organisations by slug, where the server tells them. */
  orgs?: Record<string, Text>
}

export interface TrackState {
  state: string
  since: string | null
  due: string | null
  by: string | null
}
export type Data = Record<string, unknown>
export interface Item {
  id: string
  record: string
  ref: string
  version: number
  state: string | null
  tracks: Record<string, TrackState>
  filed_at: string
  filed_by: string
  updated_at: string
  data: Data
  masked: string[]
  parties: string[]
  warnings: Warning[]
  receipt?: ReceiptRef
}
export type ReceiptRef = { id: string } | string | null
export type Warning = { field?: string; reason?: Text; code?: string } | string
export interface Page {
  items: Item[]
  next: string | null
  estimate: number
}
export interface Version {
  version: number
  at: string
  by: string
  action: string
  changed: string[]
  data: Data
  masked?: string[]
  receipt?: ReceiptRef
}

export interface WorkItem {
  title: Text
  why: Text
  ref: string
  record: string
  id: string
  due: string | null
  state: string | null
  action: { title: Text; href: string | null; post: { url: string; body: unknown } | null } | null
}

export interface TraceDocument {
  ref: string
  record: string
  id: string
  title: Text
  state: string | null
  at: string
  by: string
  data: Data
  links: string[]
}
export interface TraceEvent {
  at: string
  recorded_at: string
  kind: string
  title: Text
  ref: string
  record: string
  place: string | null
  by: string
  late: boolean
}
export interface Missing {
  rule: string
  reason: Text
  owner: { org: string; title: Text }
  deadline: string | null
  record: string | null
  ref: string | null
  since: string | null
}
export interface Trace {
  ref: string
  card: { kind: string; title: Text | string; state: Text | string | null }
  documents: TraceDocument[]
  events: TraceEvent[]
  missing: Missing[]
}
export interface Hit {
  ref: string
  title: Text | string
  record: string
  state: Text | string | null
}

export interface ChainLink {
  seq?: number
  at: string
  code: string
  agency?: string | { slug: string; title: Text }
  title: Text
  reason: { zh: string | null; en: string | null } | string | null
}
/** The algorithms by which a port hashes, signs and seals. */
export interface Suite {
  suite: string
  title: Text
  hash: string
  signature: string
  seal: string
  mac: string
}
export interface ReceiptAnswer {
  receipt: {
    id: string
    at: string
    record: string
    ref: string
    format: string
    org: string
    ledger: { index: number | null; status: 'pending' | 'included'; suite: string }
    records?: { record: string; ref: string; id: string; state: string | null }[]
  }
  chain: ChainLink[]
}

export interface Reason {
  rule: string
  met: boolean
  reason: Text
  owner: string | { org: string; title: Text } | null
}
export interface PassageAnswer {
  receipt: { id: string }
  passage: { id: string; ref: string }
  decision: 'open' | 'divert' | 'refuse'
  lane: string
  to?: string | null
  reasons: Reason[]
}

export interface Delivery {
  id: string
  record: string
  ref: string
  connector: string
  at: string
  state: 'waiting' | 'delivered' | 'answered'
  attempts: number
  next_try: string | null
  data: Data
  receipts: ChainLink[]
  record_id?: string
  asks?: boolean
  dead?: boolean
  error?: string | null
  reference?: string | null
}
export interface MeterCall {
  ref: string
  typed: number
  delivered: number
  receivers: { org: string; fields: number; receipt: { id: string } | string | null; state?: string }[]
  saved_percent: number
}
export interface Meter {
  calls: MeterCall[]
  totals: Record<string, number>
}

export interface Sample {
  name: string
  format: string
  record: string | null
  title: Text | string
  href: string
}
export interface Quarantined {
  id: string
  at: string
  format: string
  size: number
  problem: FieldProblem | Text | string
  expires: string
  erased: boolean
}
export interface FieldProblem {
  code?: string
  field?: string | null
  rule?: string | null
  reason?: Text
  detail?: string
  title?: string
}
export interface IntakeAnswer {
  receipt?: { id: string }
  records?: { ref: string; record: string; id: string; warnings: Warning[] }[]
  accepted?: { index: number; receipt: { id: string }; ref: string }[]
  refused?: ({ index: number } & FieldProblem)[]
}

export interface Health {
  status: 'ok' | 'starting' | 'degraded'
  modules: Record<string, { status: string; title: Text | string; parts?: Record<string, { status: string; title: Text | string }> }>
  ports: Record<string, number | null>
}

/** mmsi, lon, lat, cog, sog, heading, name, simulated */
export type ShipRow = [string | number, number, number, number | null, number | null, number | null, string | null, boolean]
export interface ShipsEvent {
  t: string | number
  rows: ShipRow[]
}
export interface FactEvent {
  topic: string
  ref: string
  record: string
  title: Text | string
  at: string
}
