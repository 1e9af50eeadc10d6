import type { Text } from '@/kernel/text/text'

export interface Count {
  code: string
  title: Text
  count: number
}
export interface Wrong {
  code: string
  grave: 'red' | 'amber'
  title: Text
}
export interface Cargo {
  bill: string | null
  container: string | null
  voyage: string | null
  call: string | null
  stage: string
  title: Text
  since: string | null
  presence: string | null
  place: string | null
  position: string | null
  weighed_kg: number | null
  manifest_kg: number | null
  declaration: string | null
  order: string | null
  next: { what: Text; owner: string; owner_title: Text; due: string | null } | null
  wrong: Wrong[]
}
export interface Call {
  ref: string
  ship: string
  vessel: string
  voyage: string
  eta: string | null
  etd: string | null
  arrived: string | null
  landed: number
  gone: number
}
export interface Followed {
  at: string
  call: Call | null
  total: number
  stages: Count[]
  wrong: Count[]
  items: Cargo[]
  more: number | null
}
/** Facts that move a cargo on: when one of these is told, the view is asked again. */
export const MOVING = new Set([
  'base.movement.move', 'base.manifest.consignment', 'base.declaration.declaration', 'supervision.inspection.order',
  'facilities.gate.passage', 'base.portcall.port_call',
])
/** Four letters and seven digits are a container; anything else is a bill. */
export const isBox = (text: string) => /^[a-z]{4}[\s-]?\d{6}[\s-]?\d$/i.test(text)
export const TONE: Record<string, 'now' | 'soon'> = { red: 'now', amber: 'soon' }
