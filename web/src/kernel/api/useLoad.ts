import { onBeforeUnmount, ref, shallowRef, type Ref, type ShallowRef } from 'vue'

export interface Load<T> {
  data: ShallowRef<T | null>
  error: ShallowRef<unknown>
  busy: Ref<boolean>
  /** Loads again; what stands on the screen stays until the answer is here. */
  load: () => Promise<void>
}

/** One answer of the API with its busy and error state; a later call wins over an earlier one. */
export function useLoad<T>(ask: () => Promise<T>, everyMs = 0): Load<T> {
  const data = shallowRef<T | null>(null)
  const error = shallowRef<unknown>(null)
  const busy = ref(false)
  let turn = 0

  async function load(): Promise<void> {
    const mine = ++turn
    busy.value = true
    try {
      const answer = await ask()
      if (mine !== turn) return
      data.value = answer
      error.value = null
    } catch (problem) {
      if (mine === turn) error.value = problem
    } finally {
      if (mine === turn) busy.value = false
    }
  }

  if (everyMs) {
    const timer = setInterval(() => document.visibilityState === 'visible' && void load(), everyMs)
    onBeforeUnmount(() => clearInterval(timer))
  }
  void load()
  return { data, error, busy, load }
}
