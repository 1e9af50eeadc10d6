import { api } from '@/kernel/api/client'
import type { Text } from '@/kernel/text/text'

export interface Search {
  possible: boolean
  ended: boolean
  places: { place: string; title: Text; looked: number; told: number; unread: number }[]
}
export interface Examined {
  kind: string
  key: boolean
  erased: string | null
  types: { record: string; title: Text; records: number; sealed: number; opened: number; looked_up: number }[]
  search: Search
}
export interface Erased {
  records: number
  salts: number
  search: Search
  receipt: { id: string }
}
export interface Past {
  items: { id: string; number: string; ground: string; records: number; salts: number; at: string; receipt: string; ledger: number | null }[]
  next: number | null
}
/** Who is erased: a person by document, or whatever else restricted data are sealed for. */
export interface Subject {
  kind: string
  document: string
  issuer: string
  number: string
}

/** Documents of persons by the letter that their references begin with. */
export const DOCUMENTS = ['P', 'I', 'S', 'T', 'D', 'other'] as const
/** What has a key of its own: persons, devices that nobody holds, trucks whose positions are restricted. */
export const KINDS = ['person', 'device', 'truck', 'other'] as const

export function blank(): Subject {
  return { kind: 'person', document: 'P', issuer: '', number: '' }
}

/** What is asked of the server; null while something is missing. It stands in a body, never in an address. */
export function asked(of: Subject): { person: string } | { subject: string } | null {
  const number = of.number.trim()
  if (!number) return null
  if (of.kind === 'person') {
    if (of.document === 'other') return { person: number }
    const issuer = of.issuer.trim().toUpperCase()
    return issuer ? { person: `${of.document}/${issuer}/${number}` } : null
  }
  if (of.kind === 'other') return /^[a-z]+:\S/.test(number) ? { subject: number } : null
  return { subject: `${of.kind}:${number}` }
}

/** How many sealed values there are, and how many of them open now. */
export function sums(examined: Examined): { records: number; sealed: number; opened: number; found: number } {
  const sum = (name: 'records' | 'sealed' | 'opened' | 'looked_up') => examined.types.reduce((all, one) => all + one[name], 0)
  return { records: sum('records'), sealed: sum('sealed'), opened: sum('opened'), found: sum('looked_up') }
}

export const erasure = {
  past: (after: number | null, limit: number) => api.get<Past>('/api/erasure', { after, limit }),
  examine: (what: { person: string } | { subject: string }) => api.post<Examined>('/api/erasure/examine', what),
  erase: (what: { person: string } | { subject: string }, ground: string) => api.post<Erased>('/api/erasure', { ...what, ground }),
}
