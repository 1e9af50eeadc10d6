import { api } from '@/kernel/api/client'
import { chrome } from '@/kernel/i18n'
import { toField, type Field, type JsonSchema } from '@/kernel/record-form/schema'
import type { Text } from '@/kernel/text/text'

export const ROLES = ['officer', 'clerk', 'operator', 'viewer', 'system-admin', 'security-admin', 'audit-admin'] as const

export interface Organisation {
  id: number
  slug: string
  kind: string
  title: Text
  code: string | null
  active: boolean
}
export interface Account {
  id: string
  org: number
  name: string
  title: Text
  kind: 'person' | 'service'
  roles: string[]
  clearance: number
  active: boolean
  must_change: boolean
  locked_until: string | null
  created: string
  changed: string
}
export interface Token {
  id: string
  name: string
  roles: string[] | null
  created: string
  expires: string
  last_used: string | null
  revoked: string | null
}
export interface SignedIn {
  id: string
  via: string
  created: string
  seen: string
  expires: string
}
export interface TrailEntry {
  id: number
  at: string
  org: number
  account: string
  action: string
  ref: string
  level: number
  outcome: 'allowed' | 'denied'
  reason: string
  request: string
}

export const identity = {
  organisations: () => api.get<Organisation[]>('/api/identity/organisations'),
  accounts: (after: string | null) => api.get<{ items: Account[]; next: string | null }>('/api/identity/accounts', { after, limit: 100 }),
  audit: (query: Record<string, string>) => api.get<{ items: TrailEntry[]; next: number | null }>('/api/identity/audit', { ...query, limit: 100 }),
  tokens: () => api.get<Token[]>('/api/identity/tokens'),
  sessions: () => api.get<SignedIn[]>('/api/identity/sessions'),
}

/** A field of a small form of ours, titled by the chrome. */
export function own(name: string, schema: JsonSchema = { type: 'string' }, required = true): Field {
  return { ...toField(name, schema, schema, required), title: chrome(`identity.fields.${name}`) }
}
export function choice(name: string, options: { value: string | number; title: Text | string }[]): Field {
  return { ...own(name), kind: 'enum', options }
}
