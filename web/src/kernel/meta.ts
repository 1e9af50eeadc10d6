import { shallowRef } from 'vue'
import { api } from './api/client'
import type { BoardMeta, Meta, ModuleMeta, RecordMeta } from './api/types'
import { loc } from './i18n'
import { setPortZone } from './time/time'

export const meta = shallowRef<Meta | null>(null)

export async function loadMeta(): Promise<void> {
  const answer = await api.get<Meta>('/api/meta')
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

