import { api } from '@/kernel/api/client'
import type { Text } from '@/kernel/text/text'

/** One message on its way, without its content. */
export interface Line {
  id: string
  connector: string
  org: string
  filer: string
  record: string
  record_id: string
  ref: string
  version: number
  what: string
  at: string
  state: 'waiting' | 'delivered' | 'answered' | 'dead' | 'skipped'
  attempts: number
  away: boolean
  next_try: string | null
  error: string | null
  yours: boolean
}
export interface Hop {
  hop: string
  title: Text
  at: string
  last: string
  times: number
  by: string
  why: string | null
}
export interface Trail {
  id: string
  event: string
  hops: Hop[]
}
export interface Outage {
  name: string
  title: Text
  org: string
  began: string
  ended: string | null
  seconds: number
}
export interface Party {
  name?: string
  org?: string
  title: Text
  status: 'up' | 'down'
  since: string | null
  available_percent: number
}
export interface Status {
  at: string
  days: number
  platform: Party
  parties: Party[]
  outages: Outage[]
}

const door = (id: string, act: string) => `/api/deliveries/${encodeURIComponent(id)}/${act}`

export const listDeliveries = (box: string, state: string) => api.get<Line[]>('/api/deliveries', { box, state, limit: 100 })
export const hopsOf = (id: string) => api.get<Trail>(door(id, 'hops'))
export const resend = (id: string, note: string) => api.post(door(id, 'resend'), { note })
export const resendDead = (note: string) => api.post<{ resent: number; overtaken: number }>('/api/deliveries/resend', { note })
export const skip = (id: string, note: string) => api.post(door(id, 'skip'), { note })
