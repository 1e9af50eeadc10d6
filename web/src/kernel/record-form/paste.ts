import { pick } from '../text/text'
import type { Field } from './schema'

/** Cells of a pasted spreadsheet range (tabs) or of CSV text (commas, quotes doubled inside quotes). */
export function parseCells(text: string): string[][] {
  const separator = text.includes('\t') ? '\t' : ','
  const rows: string[][] = []
  let row: string[] = []
  let cell = ''
  let quoted = false
  for (let i = 0; i < text.length; i++) {
    const char = text[i] ?? ''
    if (quoted) {
      if (char !== '"') cell += char
      else if (text[i + 1] === '"') {
        cell += '"'
        i++
      } else quoted = false
    } else if (char === '"' && cell === '') quoted = true
    else if (char === separator || char === '\n') {
      row.push(cell.trim())
      cell = ''
      if (char === '\n') {
        rows.push(row)
        row = []
      }
    } else if (char !== '\r') cell += char
  }
  if (cell !== '' || row.length) rows.push([...row, cell.trim()])
  return rows.filter((cells) => cells.some((c) => c !== ''))
}

/** True for what comes from a spreadsheet rather than for a word or a sentence. */
export function looksLikeCells(text: string): boolean {
  return text.includes('\t') || /\n.*[,\t]/.test(text.trim())
}

export interface Leaf {
  path: string
  field: Field
}
/** Fields that one cell can hold, nested objects opened, lists left out. */
export function leaves(fields: Field[], prefix = ''): Leaf[] {
  return fields.flatMap((field) => {
    const path = prefix + field.name
    if (field.kind === 'object') return leaves(field.fields, `${path}.`)
    return field.kind === 'list' || field.readOnly ? [] : [{ path, field }]
  })
}

/** A heading is known by name or by its title in either language; units and stars beside it do not matter. */
function nameOf(heading: string, all: Leaf[]): Leaf | undefined {
  const bare = heading.replace(/[（(*].*$/, '').replace(/[*＊:：]/g, '').trim().toLowerCase()
  return all.find(({ path, field }) =>
    [path, field.name, pick(field.title, 'zh'), pick(field.title, 'en')].some((n) => n.toLowerCase() === bare),
  )
}

function headingRow(cells: string[], all: Leaf[]): (Leaf | undefined)[] | null {
  const found = cells.map((cell) => nameOf(cell, all))
  return found.filter(Boolean).length >= Math.max(1, cells.filter(Boolean).length / 2) ? found : null
}

export type Filled = Record<string, unknown>

/** Rows of pasted cells as values by path: by headings when the first row holds them, otherwise in field order. */
export function readRows(text: string, fields: Field[]): Filled[] {
  const rows = parseCells(text)
  const all = leaves(fields)
  const first = rows[0]
  if (!first) return []
  const upright = first.length === 2 && rows.length > 1 ? rows.map((r) => nameOf(r[0] ?? '', all)) : []
  if (upright.filter(Boolean).length > rows.length / 2) {
    return [fill(upright, rows.map((r) => r[1] ?? ''))]
  }
  const headings = headingRow(first, all)
  const body = headings ? rows.slice(1) : rows
  return body.map((cells) => fill(headings ?? all, cells))
}

function fill(columns: (Leaf | undefined)[], cells: string[]): Filled {
  const out: Filled = {}
  cells.forEach((cell, i) => {
    const leaf = columns[i]
    if (leaf && cell !== '') out[leaf.path] = toValue(leaf.field, cell)
  })
  return out
}

const YES = new Set(['是', 'yes', 'y', 'true', '1', '✓'])

/** A cell's text as the field's kind; what does not fit stays text, so that validation can name it. */
export function toValue(field: Field, cell: string): unknown {
  if (field.kind === 'number' || field.kind === 'integer') {
    const n = Number(cell.replace(/[,，\s]/g, ''))
    return Number.isFinite(n) ? n : cell
  }
  if (field.kind === 'bool') return YES.has(cell.toLowerCase())
  if (field.kind === 'strings') return cell.split(/[;；,，\s]+/).filter(Boolean)
  if (field.kind === 'enum') {
    const same = (text: string) => text.toLowerCase() === cell.toLowerCase()
    const option = field.options.find((o) => same(String(o.value)) || same(pick(o.title, 'zh')) || same(pick(o.title, 'en')))
    return option?.value ?? cell
  }
  if (field.kind === 'date') return toDay(cell)
  return cell
}

/** 2026/1/2, 2026.1.2, 2026年1月2日 -> 2026-01-02 */
function toDay(cell: string): string {
  const m = /^(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?$/.exec(cell)
  return m ? `${m[1]}-${m[2]?.padStart(2, '0')}-${m[3]?.padStart(2, '0')}` : cell
}
