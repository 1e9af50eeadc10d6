import type { Geometry } from 'geojson'
import type { Text } from '@/kernel/text/text'

export interface Named {
  value: string
  title: Text
}
export interface Scope {
  fields: Record<string, Named[]>
  compare: string[]
  zones: Named[]
  directions: Named[]
  kinds: Named[]
  metrics: { metric: string; unit: string; devices: string[] }[]
}
/** One line of a condition as the form has it; `shape` is what was drawn, `place` what was chosen; `days`: Monday is 1. */
export interface Line {
  what: 'compare' | 'between' | 'among' | 'rate' | 'zone' | 'crosses' | 'time' | 'absent'
  field: string
  op: string
  value: number
  clear: number | null
  low: number
  high: number
  outside: boolean
  values: string
  per: number
  how: string
  place: string
  shape: unknown
  direction: string
  days: number[]
  from: string
  to: string
}
export type Tree = Record<string, unknown>
export const WEEK = [1, 2, 3, 4, 5, 6, 7]
export const WHATS: Record<string, Line['what'][]> = {
  reading: ['compare', 'between', 'among', 'rate', 'time', 'absent'],
  position: ['zone', 'crosses', 'compare', 'between', 'among', 'rate', 'time', 'absent'],
}

export function blank(signal: string): Line {
  const field = signal === 'reading' ? 'value' : 'speed'
  return {
    what: signal === 'reading' ? 'compare' : 'zone', field, op: '>', value: 0, clear: null, low: 0, high: 0, outside: false, values: '', per: 60,
    how: 'enters', place: '', shape: null, direction: 'both', days: WEEK, from: '22:00', to: '06:00',
  }
}

/** The numbers in a text. */
export const numbers = (text: string) => text.split(/[\s,，、]+/).filter(Boolean).map(Number).filter(Number.isFinite)

function one(line: Line): Tree {
  const where = line.shape ?? line.place
  if (line.what === 'compare') return { field: line.field, op: line.op, value: line.value, ...(line.clear !== null && { clear: line.clear }) }
  if (line.what === 'between') return { field: line.field, op: line.outside ? 'outside' : 'between', low: line.low, high: line.high }
  if (line.what === 'among') return { field: line.field, op: 'in', values: numbers(line.values) }
  if (line.what === 'rate') return { rate: line.field, op: line.op.startsWith('<') ? '<' : '>', value: line.value, per_s: line.per }
  if (line.what === 'zone') return { [line.how]: where }
  if (line.what === 'crosses') return { crosses: where, direction: line.direction }
  const days = line.days.length && line.days.length < WEEK.length ? { days: [...line.days].sort() } : {}
  return line.what === 'time' ? { time: { ...days, from: line.from, to: line.to } } : { absent: true }
}

/** The form's lines as the condition that the platform keeps. */
export function treeOf(lines: Line[], how: 'all' | 'any'): Tree {
  const parts = lines.map(one)
  return parts.length === 1 ? parts[0]! : { [how]: parts }
}

const ZONES = ['inside', 'outside', 'enters', 'leaves']
function lineOf(tree: Tree, signal: string): Line | null {
  const line = blank(signal)
  const placed = (where: unknown) => (typeof where === 'string' ? { place: where, shape: null } : { place: '', shape: where })
  const zone = ZONES.find((how) => how in tree)
  if (zone) return { ...line, what: 'zone', how: zone, ...placed(tree[zone]) }
  if ('crosses' in tree) return { ...line, what: 'crosses', direction: String(tree.direction ?? 'both'), ...placed(tree.crosses) }
  if (tree.absent === true) return { ...line, what: 'absent' }
  if ('time' in tree) {
    const said = tree.time as { days?: number[]; from?: string; to?: string }
    return { ...line, what: 'time', days: said.days ?? WEEK, from: said.from ?? '00:00', to: said.to ?? '24:00' }
  }
  if ('rate' in tree) return { ...line, what: 'rate', field: String(tree.rate), op: String(tree.op), value: Number(tree.value), per: Number(tree.per_s ?? 1) }
  if (!('field' in tree)) return null
  const field = String(tree.field)
  if (tree.op === 'in') return { ...line, what: 'among', field, values: (tree.values as number[]).join(', ') }
  if (tree.op === 'between' || tree.op === 'outside') return { ...line, what: 'between', field, low: Number(tree.low), high: Number(tree.high), outside: tree.op === 'outside' }
  return { ...line, what: 'compare', field, op: String(tree.op), value: Number(tree.value), clear: tree.clear === undefined || tree.clear === null ? null : Number(tree.clear) }
}

/** A kept condition as the form's lines; null for one that is nested more deeply than the form shows. */
export function linesOf(tree: Tree, signal: string): { lines: Line[]; how: 'all' | 'any' } | null {
  const how = 'any' in tree ? 'any' : 'all'
  const parts = how in tree ? (tree[how] as Tree[]) : [tree]
  const lines = parts.map((part) => lineOf(part, signal))
  return lines.every((line) => line !== null) ? { lines, how } : null
}

/** The zones and lines that are drawn in a condition, however deep they stand. */
export function shapesOf(tree: unknown): Geometry[] {
  if (typeof tree !== 'object' || tree === null) return []
  if ('coordinates' in tree && 'type' in tree) return [tree as Geometry]
  return Object.values(tree).flatMap(shapesOf)
}
