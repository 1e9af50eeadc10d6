import { shallowRef } from 'vue'
import { api } from '../api/client'
import { loc } from '../i18n'
import { session } from '../session'
import type { Text } from '../text/text'

/** Titles of codes by list and code; a code that its list does not hold has none. Asked for together, a moment after the first. */
const titles = shallowRef(new Map<string, Text>())
const known = new Set<string>()
const wanted = new Map<string, Set<string>>()
const MOST = 100
let waiting = 0

async function ask(list: string, codes: string[]): Promise<void> {
  try {
    const query = codes.map((code) => `code=${encodeURIComponent(code)}`).join('&')
    const found = await api.get<{ items: { asked: string; name: Text | null }[] }>(`/api/parameters/${encodeURIComponent(list)}?${query}`)
    const added = found.items.flatMap((one) => (one.name ? [[`${list} ${one.asked}`, one.name] as const] : []))
    titles.value = new Map([...titles.value, ...added])
  } catch {
    for (const code of codes) known.delete(`${list} ${code}`)
  }
}

function askAll(): void {
  waiting = 0
  for (const [list, codes] of wanted) {
    const all = [...codes]
    for (let at = 0; at < all.length; at += MOST) void ask(list, all.slice(at, at + MOST))
  }
  wanted.clear()
}

/** What a code list calls a code; empty until that is known, and where the list does not hold it. */
export function codeText(list: string, code: string): string {
  const key = `${list} ${code}`
  if (code && code.length <= 40 && !known.has(key) && session.business.value) {
    known.add(key)
    wanted.set(list, (wanted.get(list) ?? new Set()).add(code))
    waiting ||= window.setTimeout(askAll, 30)
  }
  return loc(titles.value.get(key))
}

/** What is measured, in words; the name that the device states where the list has none. */
export function metricWord(name: string): string {
  return codeText('metric', name) || name
}
