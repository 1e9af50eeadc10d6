import type { Text } from '@/kernel/text/text'

export const PROFILE = 'supervision.targeting.profile'
export const DECLARATION = 'base.declaration.declaration'

export interface Reason {
  rule: string
  reason: Text
  score: number
  agency: string
}
export interface Targeted {
  id: string
  ref: string
  number: string
  declarant: string | null
  containers: string[]
  state: string
  since: string
  score: number
  chosen: string
  reasons: Reason[]
  order: string | null
  action: Text
  href: string
}
export interface Rate {
  kind: string
  code: string
  title: Text
  selected: number
  inspected: number
  hits: number
  rate: number | null
  low: number | null
  high: number | null
}
export interface Rates {
  since: string
  share: number
  rows: Rate[]
}
export interface Trial {
  since: string
  until: string
  seen: number
  complete: boolean
  matched: number
  newly: number
  expected: number
  inspected: number
  hits: number
  declarations: string[]
  at: string
}
export interface Condition {
  what: string
  operator: string
  values: string[]
}
export const percent = (share: number | null) => (share === null ? '' : `${(share * 100).toFixed(1)} %`)
