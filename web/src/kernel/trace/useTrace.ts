import { computed, onBeforeUnmount, ref, shallowRef, watch, type ComputedRef, type Ref, type ShallowRef } from 'vue'
import { api } from '../api/client'
import type { Trace } from '../api/types'
import { onFact } from '../live'

export function askTrace(target: string): Promise<Trace> {
  return api.post<Trace>('/api/trace', { ref: target })
}

export interface LiveTrace {
  trace: ShallowRef<Trace | null>
  error: ShallowRef<unknown>
  busy: Ref<boolean>
  /** When the answer on the screen was given. */
  at: Ref<number>
  refs: ComputedRef<Set<string>>
  load: () => Promise<void>
}

/** The trace of one thing, asked again when a fact about it or about anything in its chain arrives. */
export function useTrace(target: () => string | null): LiveTrace {
  const trace = shallowRef<Trace | null>(null)
  const error = shallowRef<unknown>(null)
  const busy = ref(false)
  const at = ref(0)
  let turn = 0
  let timer = 0

  async function load(): Promise<void> {
    const wanted = target()
    const mine = ++turn
    if (!wanted) {
      trace.value = null
      error.value = null
      return
    }
    busy.value = true
    try {
      const answer = await askTrace(wanted)
      if (mine !== turn) return
      trace.value = answer
      error.value = null
      at.value = Date.now()
    } catch (problem) {
      if (mine !== turn) return
      error.value = problem
      trace.value = null
    } finally {
      if (mine === turn) busy.value = false
    }
  }

  const refs = computed(() => {
    const t = trace.value
    if (!t) return new Set<string>()
    return new Set([t.ref, ...t.documents.flatMap((d) => [d.ref, ...d.links]), ...t.events.map((e) => e.ref)])
  })
  onFact((fact) => {
    if (!refs.value.has(fact.ref)) return
    window.clearTimeout(timer)
    timer = window.setTimeout(() => void load(), 300)
  })
  onBeforeUnmount(() => window.clearTimeout(timer))
  watch(target, () => void load(), { immediate: true })
  return { trace, error, busy, at, refs, load }
}
