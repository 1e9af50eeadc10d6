import type { Text } from '@/kernel/text/text'

export interface Step {
  do: string
  a?: string
  b?: string
}
export interface Mapped {
  into: string
  column: string
  steps: Step[]
  sure: number
}
export interface Inferred {
  rows: number
  columns: { name: string; type: string; empty: number; examples: string[]; identifier: string }[]
  mapping: Mapped[]
}
export interface Fault {
  field: string
  class: string
  reason: Text
}
export interface Tried {
  counts: Record<string, number>
  rows: Record<string, unknown>[]
  changes: { row: number; field: string; before: string | null; after: string | null; rule: string }[]
  refused: { row: number; problems: Fault[] }[]
  unreadable: { row: number; reason: Text }[]
}
export interface Run {
  id: string
  state: string
  counts: Record<string, number>
  scores: Record<string, number>
  error: Text | null
}

/** How many bytes of a file are sent as its sample. */
export const SAMPLE = 1 << 20
/** What one request may hold; larger files go in parts. */
export const PART = 8 << 20

/** The steps of a column as one reads them. */
export function steps(found: readonly Step[], words: (name: string) => string): string {
  return found.map((step) => [words(step.do), step.a, step.b].filter(Boolean).join(' ')).join(' → ')
}

/** A source as it is filed, out of a mapping; fields without a column are left out. */
export function source(code: string, name: string, target: string, mapping: readonly Mapped[]): Record<string, unknown> {
  const columns = mapping.filter((one) => one.column).map(({ into, column, steps: done }) => ({ into, column, steps: done }))
  return { code, name, kind: 'upload', target, columns }
}

/** The beginning of a text file, cut behind its last whole line; binary files are sent whole. */
export async function sampleOf(file: File): Promise<Blob> {
  if (file.size <= SAMPLE || !/\.(csv|txt|jsonl|ndjson)$/i.test(file.name)) return file
  const bytes = new Uint8Array(await file.slice(0, SAMPLE).arrayBuffer())
  const end = bytes.lastIndexOf(10)
  return file.slice(0, end > 0 ? end + 1 : SAMPLE)
}

/** Bytes in base64, as JSON carries them. */
export async function base64(blob: Blob): Promise<string> {
  const bytes = new Uint8Array(await blob.arrayBuffer())
  let text = ''
  for (let at = 0; at < bytes.length; at += 8192) text += String.fromCharCode(...bytes.subarray(at, at + 8192))
  return btoa(text)
}
