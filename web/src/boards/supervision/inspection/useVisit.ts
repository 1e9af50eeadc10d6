import { reactive, ref, watch, type Ref } from 'vue'
import { api, explain, Problem, recordPath } from '@/kernel/api/client'
import type { Item } from '@/kernel/api/types'
import { loc } from '@/kernel/i18n'
import { session } from '@/kernel/session'
import { findingsOf, ORDER, type AgencyPart, type Finding } from './order'

export interface Entry {
  outcome: string
  note: string
}
export interface Visit {
  entries: Record<string, Entry>
  busy: Ref<boolean>
  problem: Ref<string>
  waiting: Ref<boolean>
  submit: (item: Item, parts: AgencyPart[]) => Promise<boolean>
}

/** What was entered at the visit, kept on the device until the server has it. */
export function useVisit(id: string, done: () => Promise<void>): Visit {
  const store = `kouan.visit.${session.owner.value}.${id}`
  const entries = reactive<Record<string, Entry>>(JSON.parse(localStorage.getItem(store) ?? '{}') as Record<string, Entry>)
  const busy = ref(false)
  const problem = ref('')
  const waiting = ref(false)
  watch(entries, () => localStorage.setItem(store, JSON.stringify(entries)))

  async function submit(item: Item, parts: AgencyPart[]): Promise<boolean> {
    busy.value = true
    problem.value = ''
    waiting.value = false
    let current = item
    try {
      for (const part of parts) {
        const entry = entries[part.agency]
        if (!entry?.outcome) continue
        current = await enter(current, part, entry)
        delete entries[part.agency]
      }
      if (!Object.keys(entries).length) localStorage.removeItem(store)
      return true
    } catch (error) {
      problem.value = loc(explain(error))
      waiting.value = error instanceof Problem && error.status === 0
      if (waiting.value) window.addEventListener('online', () => void submit(item, parts), { once: true })
      return false
    } finally {
      busy.value = false
      await done()
    }
  }
  return { entries, busy, problem, waiting, submit }
}

/** An agency enters its class by the action of that name, or by the one action that its track offers. */
async function enter(item: Item, part: AgencyPart, entry: Entry): Promise<Item> {
  const action = part.actions.find((a) => a.name === entry.outcome) ?? part.actions[0]
  if (!action || !part.track) return item
  const finding: Finding = {
    agency: part.agency,
    outcome: entry.outcome,
    note: entry.note.trim(),
    officer: session.me.value?.user.name ?? '',
    at: new Date().toISOString(),
  }
  const others = findingsOf(item).filter((f) => f.agency !== part.agency)
  return api.post<Item>(`${recordPath(ORDER)}/${item.id}/actions/${part.track.meta.name}.${action.name}`, {
    note: finding.note,
    data: { findings: [...others, finding] },
  })
}
