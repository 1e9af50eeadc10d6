import { reactive, ref, watch, type Ref } from 'vue'
import { api, explain, Problem } from '@/kernel/api/client'
import type { Item } from '@/kernel/api/types'
import { loc } from '@/kernel/i18n'
import { session } from '@/kernel/session'
import type { AgencyPart } from './order'

export interface Entry {
  outcome: string
  note: string
}
export interface Visit {
  entries: Record<string, Entry>
  busy: Ref<boolean>
  problem: Ref<string>
  /** The network lost it; it goes out again by itself. */
  waiting: Ref<boolean>
  submit: (parts: AgencyPart[]) => Promise<boolean>
}

/** What was entered at the visit, kept on the device until the server has it, then filed together. */
export function useVisit(id: string, done: () => Promise<void>): Visit {
  const store = `kouan.visit.${session.owner.value}.${id}`
  const entries = reactive<Record<string, Entry>>(JSON.parse(localStorage.getItem(store) ?? '{}') as Record<string, Entry>)
  const busy = ref(false)
  const problem = ref('')
  const waiting = ref(false)
  watch(entries, () => {
    if (Object.keys(entries).length) localStorage.setItem(store, JSON.stringify(entries))
    else localStorage.removeItem(store)
  })

  async function submit(parts: AgencyPart[]): Promise<boolean> {
    const findings = parts.flatMap(({ agency }) => {
      const entry = entries[agency]
      return entry?.outcome ? [{ agency, outcome: entry.outcome, note: entry.note.trim() }] : []
    })
    busy.value = true
    problem.value = ''
    waiting.value = false
    try {
      await api.post<Item>(`/api/inspections/${encodeURIComponent(id)}/findings`, { findings })
      for (const { agency } of findings) delete entries[agency]
      return true
    } catch (error) {
      problem.value = loc(explain(error))
      waiting.value = error instanceof Problem && error.status === 0
      if (waiting.value) window.addEventListener('online', () => void submit(parts), { once: true })
      return false
    } finally {
      busy.value = false
      await done()
    }
  }
  return { entries, busy, problem, waiting, submit }
}
