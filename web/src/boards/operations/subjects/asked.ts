import { computed, type ComputedRef } from 'vue'
import { useRoute, useRouter } from 'vue-router'

export interface Asked<Name extends string> {
  /** What the address asks for, by name; empty where it does not say. */
  asked: ComputedRef<Record<Name, string>>
  /** A field was changed: the address says so, and so can be kept and sent on. */
  ask: (name: Name, told: Event | string) => void
}

/** What a page is asked for stands in its address. */
export function useAsked<Name extends string>(...names: Name[]): Asked<Name> {
  const route = useRoute()
  const router = useRouter()
  const text = (name: Name) => (typeof route.query[name] === 'string' ? route.query[name] : '')
  const asked = computed(() => Object.fromEntries(names.map((name) => [name, text(name)])) as Record<Name, string>)
  const ask = (name: Name, told: Event | string) => {
    const value = typeof told === 'string' ? told : (told.target as HTMLInputElement).value
    void router.push({ query: { ...route.query, [name]: value || undefined } })
  }
  return { asked, ask }
}
