import { shallowRef } from 'vue'
import { api } from './api/client'
import type { BoardMeta, Meta, ModuleMeta, RecordMeta } from './api/types'
import { loc } from './i18n'
import { setPortZone } from './time/time'

export const meta = shallowRef<Meta | null>(null)

/** The port of entry whose modules are shown; empty: all at which one's own organisation works. */
const ENTRY = 'kouan.entry'

async function ask(): Promise<Meta> {
  const entry = localStorage.getItem(ENTRY) ?? ''
  if (!entry) return api.get<Meta>('/api/meta')
  try {
    return await api.get<Meta>('/api/meta', { port: entry })
  } catch {
    localStorage.removeItem(ENTRY) // that port has no profile any more
    return api.get<Meta>('/api/meta')
  }
}

export async function chooseEntry(code: string): Promise<void> {
  if (code) localStorage.setItem(ENTRY, code)
  else localStorage.removeItem(ENTRY)
  await loadMeta()
}

export async function loadMeta(): Promise<void> {
  const answer = await ask()
  setPortZone(answer.port.zone)
  // The registry names a module with its board; a screen's address names them apart.
  const boards = answer.boards.map((b) => ({ ...b, modules: b.modules.map((m) => ({ ...m, name: m.name.split('.').at(-1) ?? m.name })) }))
  meta.value = { ...answer, boards }
}

export function forgetMeta(): void {
  meta.value = null
}

export function recordMeta(record: string): RecordMeta | null {
  return meta.value?.records[record] ?? null
}

export function recordTitle(record: string): string {
  return loc(recordMeta(record)?.title) || record
}

export function board(name: string): BoardMeta | null {
  return meta.value?.boards.find((b) => b.name === name) ?? null
}

export function moduleOf(boardName: string, moduleName: string): ModuleMeta | null {
  return board(boardName)?.modules.find((m) => m.name === moduleName) ?? null
}

