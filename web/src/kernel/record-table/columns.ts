import type { Item, RecordMeta } from '../api/types'
import { chrome } from '../i18n'
import type { AnyText } from '../text/text'
import { fieldsOf, type Field } from '../record-form/schema'

/** One column: a field of the schema or a fact about the record itself. */
export interface Column {
  name: string
  title: AnyText
  unit: string
  field: Field | null
  sortable: boolean
  read: (item: Item) => unknown
}

const OWN = ['state', 'filed_at', 'updated_at', 'filed_by'] as const
type Own = (typeof OWN)[number]
const TITLES: Record<Own, string> = {
  state: 'table.state', filed_at: 'table.filedAt', updated_at: 'table.updatedAt', filed_by: 'table.filedBy',
}

export function allColumns(meta: RecordMeta): Column[] {
  // A list of values and an encrypted field can be filtered by, but have no order.
  const declared = new Set(meta.filters.filter((f) => !/\[\]|bytea/.test(f.type)).map((f) => f.field))
  const fields = fieldsOf(meta.schema).map<Column>((field) => ({
    name: field.name,
    title: field.title,
    unit: field.unit,
    field,
    sortable: declared.has(field.name),
    read: (item) => item.data[field.name],
  }))
  const own = OWN.filter((name) => name !== 'state' || meta.lifecycle).map<Column>((name) => ({
    name,
    title: chrome(TITLES[name]),
    unit: '',
    field: null,
    sortable: name === 'filed_at' || name === 'updated_at',
    read: (item) => item[name],
  }))
  return [...fields, ...own.filter((c) => !fields.some((f) => f.name === c.name))]
}

export interface Look {
  columns: string[]
  dense: boolean
}

const FIRST_COLUMNS = 7

export function firstLook(meta: RecordMeta): Look {
  const all = meta.columns.length ? meta.columns : fieldsOf(meta.schema).map((f) => f.name)
  const shown = all.slice(0, FIRST_COLUMNS)
  const tail = [...(meta.lifecycle ? ['state'] : []), 'updated_at']
  return { columns: [...new Set([...shown, ...tail])], dense: false }
}

/** Reads the kept look of one list; columns that no longer exist are left out. */
export function loadLook(name: string, meta: RecordMeta): Look {
  const first = firstLook(meta)
  try {
    const kept = JSON.parse(localStorage.getItem(name) ?? 'null') as Look | null
    const known = new Set(allColumns(meta).map((c) => c.name))
    const columns = kept?.columns.filter((c) => known.has(c)) ?? []
    return columns.length ? { columns, dense: Boolean(kept?.dense) } : first
  } catch {
    return first
  }
}
