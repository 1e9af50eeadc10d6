import { computed, ref, shallowRef, type ComputedRef, type Ref, type ShallowRef } from 'vue'
import { api, explain, recordPath } from '../api/client'
import type { ActionMeta, Item, RecordMeta, Version } from '../api/types'
import { useLoad, type Load } from '../api/useLoad'
import { loc } from '../i18n'
import { onFact } from '../live'
import { recordMeta } from '../meta'
import { tracksOf, type TrackView } from './lifecycle'

export interface UseRecord {
  item: Load<Item>
  history: Load<{ versions: Version[] }>
  meta: ComputedRef<RecordMeta | null>
  tracks: ComputedRef<TrackView[]>
  asking: ShallowRef<{ action: ActionMeta; track: TrackView } | null>
  busy: Ref<boolean>
  problem: Ref<string>
  /** Runs the asked action; false when it was refused. */
  act: (note: string, data?: Record<string, unknown>) => Promise<boolean>
  reload: () => Promise<void>
}

/** One record with its history and actions, kept current by the facts told about it. */
export function useRecord(full: () => string, id: () => string): UseRecord {
  const item = useLoad(() => api.get<Item>(`${recordPath(full())}/${id()}`))
  const history = useLoad(() => api.get<{ versions: Version[] }>(`${recordPath(full())}/${id()}/history`))
  const meta = computed(() => recordMeta(full()))
  const tracks = computed(() => (item.data.value ? tracksOf(item.data.value, meta.value) : []))
  const asking = shallowRef<{ action: ActionMeta; track: TrackView } | null>(null)
  const busy = ref(false)
  const problem = ref('')

  async function reload(): Promise<void> {
    await Promise.all([item.load(), history.load()])
  }
  async function act(note: string, data: Record<string, unknown> = {}): Promise<boolean> {
    if (!asking.value) return false
    busy.value = true
    problem.value = ''
    try {
      await api.post(`${recordPath(full())}/${id()}/actions/${asking.value.track.meta.name}.${asking.value.action.name}`, { ...(note ? { note } : {}), ...(Object.keys(data).length ? { data } : {}) })
      asking.value = null
      await reload()
      return true
    } catch (error) {
      problem.value = loc(explain(error))
      return false
    } finally {
      busy.value = false
    }
  }
  onFact((fact) => {
    if (fact.ref === item.data.value?.ref) void reload()
  })
  return { item, history, meta, tracks, asking, busy, problem, act, reload }
}
