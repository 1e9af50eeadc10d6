import { api, recordPath } from '@/kernel/api/client'
import type { Item } from '@/kernel/api/types'

export const SUBSCRIPTION = 'base.push.subscription'

/** How a subscription does, and its latest messages without content. */
export interface Standing {
  subscription: string
  channel: 'webhook' | 'sse' | 'queue'
  state: string
  last: number
  oldest: number | null
  told: number | null
  waiting: number | null
  failures: number
  away_since: string | null
  next_try: string | null
  last_ok: string | null
  dead: number
  error: string | null
  keyed_at: string | null
  latest: Message[]
}
export interface Message {
  seq: number
  at: string
  what: string
  record: string
  record_id: string
  ref: string
  version: number
  fate: '' | 'told' | 'waiting' | 'dead' | 'again' | 'withheld'
}
/** A message that was set aside, with what it would say now. */
export interface Dead {
  seq: number
  at: string
  what: string
  record: string
  record_id: string
  ref: string
  version: number
  why: string
  tries: number
}

const door = (id: string, act = '') => `/api/push/subscriptions/${encodeURIComponent(id)}${act}`

export const listOwn = () => api.get<{ items: Item[] }>(recordPath(SUBSCRIPTION), { limit: 200 })
export const standingOf = (id: string) => api.get<Standing>(door(id))
export const sendTest = (id: string) => api.post<{ seq: number }>(door(id, '/test'), {})
export const newSecret = (id: string) => api.post<{ secret: string }>(door(id, '/secret'), {})
export const listDead = (id: string) => api.get<{ items: Dead[]; count: number; next: number }>(door(id, '/dead'), { limit: 100 })
export const reviveDead = (id: string, seqs?: number[]) => api.post<{ again: number; seqs: number[] }>(door(id, '/dead/again'), seqs ? { seqs } : {})
export const tellAgain = (id: string, after: number) => api.post<{ last: number; again: number }>(door(id, '/replay'), { after })
