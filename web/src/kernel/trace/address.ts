import type { RouteLocationRaw } from 'vue-router'

/**
 * No reference stands in an address (it would reach logs and histories): the address holds a short handle,
 * this browser keeps what it means until sign-out.
 */
const STORE = 'kouan.trace'
const KEPT = 200

function handles(): Record<string, string> {
  try {
    return JSON.parse(localStorage.getItem(STORE) ?? '{}') as Record<string, string>
  } catch {
    return {}
  }
}

/** FNV-1a, two rounds: short, the same for the same reference. */
export function handleOf(ref: string): string {
  let out = ''
  for (const seed of [0x811c9dc5, 0x01000193]) {
    let hash = seed
    for (const char of ref) hash = Math.imul(hash ^ (char.codePointAt(0) ?? 0), 0x01000193)
    out += (hash >>> 0).toString(36)
  }
  return out
}

export function keepHandle(ref: string): string {
  const handle = handleOf(ref)
  const entries = Object.entries(handles()).filter(([key]) => key !== handle).slice(-KEPT + 1)
  localStorage.setItem(STORE, JSON.stringify(Object.fromEntries([...entries, [handle, ref]])))
  return handle
}

export function refOf(handle: string): string | null {
  return handles()[handle] ?? null
}

export function forgetHandles(): void {
  localStorage.removeItem(STORE)
}

export function traceRoute(ref: string): RouteLocationRaw {
  return { path: '/base/trace', query: { t: handleOf(ref) } }
}
