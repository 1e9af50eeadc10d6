import { chrome, loc } from '@/kernel/i18n'
import { recordMeta } from '@/kernel/meta'
import { isRef, refLabel } from '@/kernel/card/ref'
import { optionWord } from '@/kernel/card/words'
import { fieldsOf, type Option } from '@/kernel/record-form/schema'
import { short } from '@/kernel/time/time'

/** A field that a grant may show, or by which it may be narrowed. */
export interface ScopeField {
  name: string
  title: string
  level: number
  narrows: boolean
  shown: boolean
  kind: 'text' | 'number' | 'time' | 'date' | 'choice'
  /** The kind of thing whose number it is; '' of plain values. */
  ref: string
  options: Option[]
}
export interface Condition {
  name: string
  value: string
}
export const RESTRICTED = 3
export const STATE = 'state'
const KINDS: Record<string, ScopeField['kind']> = { number: 'number', integer: 'number', instant: 'time', date: 'date', enum: 'choice' }
/** How a value may be compared, by the kind of field; '' is “equals”. */
export const OPS: Record<ScopeField['kind'], string[]> = { text: ['', 'in'], number: ['', 'gte', 'lte'], time: ['gte', 'lte'], date: ['', 'gte', 'lte'], choice: [''] }

/** What a grant of a record type may be made of: its fields, its state, when it was filed, its number. */
export function scopeFields(record: string): ScopeField[] {
  const known = recordMeta(record)
  if (!known) return []
  const filters = new Map(known.filters.map((one) => [one.field, one.type]))
  const fields = fieldsOf(known.schema).map<ScopeField>((one) => ({
    name: one.name, title: loc(one.title), level: one.level, narrows: filters.has(one.name) && one.level < RESTRICTED, shown: true,
    kind: KINDS[one.kind] ?? 'text', options: one.options, ref: one.ref,
  }))
  const states = (known.lifecycle?.tracks ?? []).flatMap((track) => Object.entries(track.states).map(([value, title]) => ({ value, title })))
  const own: ScopeField[] = [
    ...(states.length ? [{ name: STATE, title: chrome('table.state'), level: 1, narrows: true, shown: true, kind: 'choice' as const, options: states, ref: '' }] : []),
    { name: 'filed_at', title: chrome('table.filedAt'), level: 1, narrows: true, shown: false, kind: 'time', options: [], ref: '' },
    { name: 'ref', title: chrome('catalogue.oneRecord'), level: 1, narrows: true, shown: false, kind: 'text', options: [], ref: '' },
  ]
  return [...fields, ...own.filter((one) => !fields.some((field) => field.name === one.name))]
}

/** What a person types of a value: a number without the kind of thing before it. */
export function bare(value: string): string {
  return value.split(',').map((one) => (isRef(one) ? refLabel(one) : one)).join(',')
}
/** A value as it is compared: with the kind of thing before a number, as references are written. */
export function full(field: ScopeField, typed: string): string {
  const parts = typed.split(',').map((one) => one.trim()).filter(Boolean)
  return parts.map((one) => (field.ref && !isRef(one) ? `${field.ref}:${one}` : one)).join(',')
}

/** A condition as one reads it. */
export function conditionText(fields: ScopeField[], one: Condition): string {
  const [name, op = ''] = one.name.split('.')
  const field = fields.find((known) => known.name === name)
  const option = field?.options.find((known) => String(known.value) === one.value)
  const value = option ? optionWord(option) : field?.kind === 'time' ? short(one.value) : bare(one.value)
  return `${field?.title ?? name} ${chrome(`catalogue.ops.${op || 'eq'}`)} ${value}`
}
