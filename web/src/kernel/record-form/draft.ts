import { ref, type Ref } from 'vue'
import { session } from '../session'
import type { Field } from './schema'

export interface Draft {
  at: number
  data: Record<string, unknown>
  /** Kept with the draft so that a repeated sending is answered with the same receipt. */
  key?: string
}
const KEPT_DAYS = 14

/** Fields of level 3 and 4 stay out of the browser's storage. */
export function withoutProtected(fields: Field[], data: Record<string, unknown>): Record<string, unknown> {
  const out: Record<string, unknown> = {}
  for (const field of fields) {
    const value = data[field.name]
    if (value === undefined || field.level >= 3) continue
    const inner = field.kind === 'object' ? field.fields : (field.item?.fields ?? [])
    const one = (v: unknown) => (v && typeof v === 'object' ? withoutProtected(inner, v as Record<string, unknown>) : v)
    if (field.kind === 'object') out[field.name] = one(value)
    else if (field.kind === 'list' && Array.isArray(value)) out[field.name] = value.map(one)
    else out[field.name] = value
  }
  return out
}

export interface DraftStore {
  savedAt: Ref<number>
  load: () => Draft | null
  save: (data: Record<string, unknown>, key?: string) => void
  drop: () => void
}

/** Draft of one form, by user and record, on this device only. */
export function draftStore(form: string, fields: () => Field[]): DraftStore {
  const name = `kouan.draft.${session.owner.value}.${form}`
  const savedAt = ref(0)
  return {
    savedAt,
    load() {
      try {
        const draft = JSON.parse(localStorage.getItem(name) ?? 'null') as Draft | null
        if (draft && Date.now() - draft.at < KEPT_DAYS * 86_400_000) return draft
      } catch {
        // A draft that cannot be read is no draft.
      }
      localStorage.removeItem(name)
      return null
    },
    save(data, key) {
      savedAt.value = Date.now()
      try {
        localStorage.setItem(name, JSON.stringify({ at: savedAt.value, data: withoutProtected(fields(), data), key } satisfies Draft))
      } catch {
        savedAt.value = 0
      }
    },
    drop() {
      localStorage.removeItem(name)
      savedAt.value = 0
    },
  }
}
