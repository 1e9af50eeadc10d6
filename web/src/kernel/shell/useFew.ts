import { computed, ref, watch, type ComputedRef } from 'vue'

/** The first of a long list, until somebody asks for all of it. */
export function useFew<T>(list: () => T[], few: number): { shown: ComputedRef<T[]>; more: ComputedRef<boolean>; all: () => void } {
  const open = ref(false)
  const shown = computed(() => (open.value ? list() : list().slice(0, few)))
  // Another thing on the same page begins folded again; an update of the same list stays as it is.
  watch(() => list().length === 0, (empty) => {
    if (empty) open.value = false
  })
  return { shown, more: computed(() => list().length > shown.value.length), all: () => (open.value = true) }
}
