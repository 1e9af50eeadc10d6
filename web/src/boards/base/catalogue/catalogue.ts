import type { Text } from '@/kernel/text/text'

export const KINDS = ['record', 'dataset', 'element', 'indicator', 'signal', 'codes']
export const GRANT = 'base.grant.grant'

export interface Brief {
  id: string
  kind: string
  name: string
  title: Text
  summary: Text
  owner: string[]
  level: number
  theme: string
  clause: string
  changed: string
}
export interface Named {
  code: string
  title: Text
}
export interface Typed {
  record: string
  title: Text
}
export interface EntryField {
  name: string
  title: Text
  unit: string
  level: number
  filter?: boolean
  elements?: string[]
}
export interface Lineage {
  table?: string
  written_by?: Named[]
  judged_by?: Named[]
  handled_by?: Named[]
  counted_by?: Named[]
  sent_by?: Named[]
  refers_to?: Typed[]
  referred_by?: Typed[]
  made_from?: string[]
}
export interface Edition {
  edition: number
  published_at: string
  by: string
  changed: string[]
}
export interface Definition {
  code: string
  state: string
  edition: number
  definition: { definition_zh: string; definition_en: string; representation: string; unit: string; source: string }
  editions: Edition[]
  lineage: { tables: { record: string; title: Text; table: string; path: string; field: Text }[] }
}
export interface Entry extends Brief {
  kind_title: Text
  applied_for: boolean
  owners?: string[]
  fields?: EntryField[]
  newest?: string | null
  rows_about?: number | null
  retention_years?: number
  quality?: { title: Text; score: number; at: string }[]
  lineage?: Lineage
  doors?: Record<string, string>
  formula?: Text
  unit?: Text
  edition?: string
  element?: Definition
}
export interface Held {
  id: string
  number: string
  owner: string
  record: string
  purpose: string
  valid_until: string
}
export interface SharedItem {
  id: string
  ref: string | null
  filed_at: string
  data: Record<string, unknown>
  masked: string[]
  grants: string[]
}

/** What data are usually asked for; any other purpose may be written. */
export const PURPOSES = ['enforcement', 'trade', 'coordination', 'statistics', 'service', 'audit']

export function grantRoute(id: string): string {
  return `/base/catalogue/grants/${encodeURIComponent(id)}`
}
export function entryRoute(id: string): string {
  return `/base/catalogue/${encodeURIComponent(id)}`
}
