import type { Text } from '@/kernel/text/text'

/** Shapes of the doors beside the map. */
export interface Work {
  total: number
  ashore: number
  ashore_kg: number
  done: number
  done_kg: number
  direct: number
  left: number
  percent: number | null
}
export interface PortShip {
  call: string
  ship: string | null
  vessel: string | null
  voyage: string | null
  eta: string | null
  berth: string | null
  plan: string | null
  stop: string | null
  since: string | null
  leaves: string | null
  load: Work
  discharge: Work
}
export interface Figure {
  group: string
  record: string
  title: Text
  by: string
  at: string
  total: number
  parts: { value: string; title: Text; count: number }[]
}
export interface Figures {
  at: string
  since: string
  groups: { code: string; title: Text; figures: Figure[] }[]
}
export const tonnes = (kg: number) => (kg / 1000).toFixed(kg >= 100_000 ? 0 : 1)
/** Ships with something to do, or alongside. */
export const atWork = (ship: PortShip) => ship.stop === 'alongside' || ship.load.total > 0 || ship.discharge.total > 0
