import { api, recordPath } from '@/kernel/api/client'
import type { Item } from '@/kernel/api/types'
import { recordMeta } from '@/kernel/meta'
import { fieldAt, fieldsOf, type Field } from '@/kernel/record-form/schema'
import type { Text } from '@/kernel/text/text'

export const SAVED = 'base.query.saved'
export const MAIN = 'base.declaration.declaration'
export const FNS = ['count', 'sum', 'avg', 'min', 'max', 'distinct'] as const
export const SPANS = ['hour', 'day', 'week', 'month', 'year'] as const
const NUMBERS = ['integer', 'number', 'decimal']

export interface Table {
  name: string
  record: string
  title: Text
}
export interface Column {
  name: string
  title: Text
  type: string
  unit: string
  level: number
  reference: string
  values: Record<string, Text>
}
export interface Described extends Table {
  columns: Column[]
  joins: { on: string; record: string; to: string }[]
}
export interface Join {
  record: string
  on: string
  to: string
  as: string
  keep: 'matching' | 'all'
}
export interface Condition {
  column: string
  op: string
  value?: string | string[]
}
/** What the builder is asked, as `POST /api/query` takes it. */
export interface Asked {
  from: string
  join: Join[]
  where: Condition[]
  select: string[]
  group: { column: string; by: string | null }[]
  aggregate: { fn: string; column: string | null }[]
  sort: string[]
  limit: number
}
export interface Behind {
  record: string
  count: number
  records: { id: string; ref: string }[]
}
export interface Answer {
  columns: { name: string; title: Text; type: string; unit: string; record: string; field: string; values: Record<string, Text> }[]
  rows: unknown[][]
  count: number
  total: number | null
  truncated: boolean
  loaded: Record<string, number>
  behind: Record<string, Behind>[]
}
/** A table of a query under its alias. */
export interface Part {
  alias: string
  table: Described
}

export const blank = (from = MAIN): Asked => ({ from, join: [], where: [], select: [], group: [], aggregate: [], sort: [], limit: 100 })
export const aliasOf = (record: string) => record.split('.').at(-1) ?? record

/** An alias for one more record type: its last word, numbered where that is taken. */
export function freshAlias(asked: Asked, record: string): string {
  const taken = new Set([aliasOf(asked.from), ...asked.join.map((one) => one.as)])
  const plain = aliasOf(record)
  let alias = plain
  for (let n = 2; taken.has(alias); n++) alias = `${plain}_${n}`
  return alias
}

/** How a column is named in a query: plainly where it is of the first table. */
export const nameOf = (asked: Asked, alias: string, column: string) => (alias === aliasOf(asked.from) ? column : `${alias}.${column}`)

/** The table and column of a name. */
export function columnOf(parts: Part[], name: string): Column | null {
  const [alias, bare] = name.includes('.') ? name.split('.') : [parts[0]?.alias, name]
  return parts.find((part) => part.alias === alias)?.table.columns.find((one) => one.name === bare) ?? null
}

/** What a record type calls one of its columns, as the menu's meta tells it; empty for what every row has. */
export function fieldOf(record: string, name: string): Field | null {
  const schema = recordMeta(record)?.schema
  return schema ? fieldAt(fieldsOf(schema), name) : null
}

/** The conditions that a column takes. */
export function opsOf(column: Column | null): string[] {
  const always = ['filled', 'empty']
  if (!column) return ['eq', ...always]
  if (column.type === 'list') return ['has', ...always]
  if (column.type === 'json') return ['contains', ...always]
  if (column.type === 'boolean') return ['eq', ...always]
  if (column.type === 'text') return Object.keys(column.values).length ? ['eq', 'ne', ...always] : ['eq', 'ne', 'begins', 'contains', 'in', ...always]
  return ['eq', 'gte', 'gt', 'lte', 'lt', ...always]
}

/** Whether a figure can be made of a column. */
export function countable(fn: string, column: Column): boolean {
  if (column.type === 'json' || column.type === 'list') return false
  return fn === 'sum' || fn === 'avg' ? NUMBERS.includes(column.type) : true
}

/** What is asked, without rows that are not filled in yet. */
export function bodyOf(asked: Asked): Asked {
  const grouped = asked.group.length > 0 || asked.aggregate.length > 0
  return {
    ...asked,
    where: asked.where.filter((one) => one.column && (one.value?.length || one.op === 'empty' || one.op === 'filled')).map((one) => {
      if (one.op === 'empty' || one.op === 'filled') return { column: one.column, op: one.op }
      return one.op === 'in' && typeof one.value === 'string' ? { ...one, value: one.value.split(/[,，]/).map((part) => part.trim()).filter(Boolean) } : one
    }),
    group: asked.group.filter((one) => one.column),
    aggregate: asked.aggregate.filter((one) => one.fn === 'count' || one.column),
    select: grouped ? [] : asked.select,
  }
}

/** The name of a figure's column in the answer. */
export const figureName = (one: { fn: string; column: string | null }) => [one.fn, one.column?.replaceAll('.', '_')].filter(Boolean).join('_')

/** The names of the answer's columns, by which it is sorted. */
export function sortable(asked: Asked): string[] {
  const body = bodyOf(asked)
  if (!body.group.length && !body.aggregate.length) return body.select
  const figures = body.aggregate.map(figureName)
  return [...body.group.map((one) => one.column), ...figures]
}

export const listTables = () => api.get<{ tables: Table[] }>('/api/query/tables')
export const describe = (record: string) => api.get<Described>(`/api/query/tables/${encodeURIComponent(record)}`)
export const ask = (asked: Asked) => api.post<Answer>('/api/query', bodyOf(asked))
export const askSql = (sql: string) => api.post<Answer>('/api/query/sql', { sql })
export const listSaved = () => api.get<{ items: Item[] }>(recordPath(SAVED), { limit: 200 })
export const save = (name: string, way: string, content: string) => api.post(recordPath(SAVED), { name, way, content })

/** Fetches a query's answer as a file and hands it to the browser. */
export async function download(what: { query: Asked } | { sql: string }, format: string): Promise<void> {
  const file = await api.file('/api/query/download', { ...what, format })
  const link = document.createElement('a')
  link.href = URL.createObjectURL(file)
  link.download = `query.${format}`
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000)
}
