import { computed, type ComputedRef } from 'vue'
import { useRoute, useRouter, type LocationQueryValue } from 'vue-router'

const OWN = new Set(['sort', 'after'])
type Query = Record<string, string>

function plain(value: LocationQueryValue | LocationQueryValue[] | undefined): string {
  return (Array.isArray(value) ? value[0] : value) ?? ''
}

/** Filter, sort and place of a list, kept in the address so that a link shows the same list. */
export function useListAddress(): {
  query: ComputedRef<Query>
  filters: ComputedRef<Query>
  sort: ComputedRef<string>
  set: (changes: Record<string, string | null>) => void
  replaceAll: (query: Query) => void
  forward: (cursor: string) => void
  trail: ComputedRef<string[]>
} {
  const route = useRoute()
  const router = useRouter()
  const query = computed<Query>(() =>
    Object.fromEntries(Object.entries(route.query).map(([k, v]) => [k, plain(v)]).filter(([, v]) => v !== '')),
  )
  const filters = computed(() => Object.fromEntries(Object.entries(query.value).filter(([k]) => !OWN.has(k))))
  const sort = computed(() => query.value.sort ?? '')
  // Cursors point forward only; the ones already passed are kept beside the address for the way back.
  const trail = computed(() => {
    void route.fullPath
    return ((history.state as { trail?: string[] } | null)?.trail ?? [])
  })

  function go(next: Query, passed: string[] = []): void {
    void router.push({ path: route.path, query: next, state: { trail: passed } })
  }
  return {
    query,
    filters,
    sort,
    trail,
    set(changes) {
      const next: Query = { ...query.value }
      delete next.after
      for (const [key, value] of Object.entries(changes)) {
        if (value === null || value === '') delete next[key]
        else next[key] = value
      }
      go(next)
    },
    replaceAll: (next) => go(next),
    forward: (cursor) => go({ ...query.value, after: cursor }, [...trail.value, query.value.after ?? '']),
  }
}
