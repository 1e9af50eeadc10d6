import { api } from '@/kernel/api/client'

export const AGREEMENT = 'cooperation.link.agreement'
export const REKEY = 'cooperation.link.rekey'

/** How a partner platform does: when it was last heard, and how many of its beats are missing. */
export interface Partner {
  partner: string
  agreement: string
  heard_at: string | null
  answered_at: string | null
  error: string | null
  silent_seconds: number
  missed_beats: number
  silent: boolean
}
/** This platform's key, the one that is to follow it, and which partners know of that. */
export interface Rotation {
  key: string
  next: string | null
  since: string | null
  partners: { partner: string; acknowledged: boolean }[]
}

export const listPartners = () => api.get<Partner[]>('/api/links/partners')
export const rotationOf = () => api.get<Rotation>('/api/links/key/rotation')
export const rotate = () => api.post<Rotation>('/api/links/key/rotate', {})
