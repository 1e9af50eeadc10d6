import type { FeatureCollection } from 'geojson'
import { shallowRef } from 'vue'
import { api, recordPath } from '../api/client'
import type { Page } from '../api/types'
import { chrome, loc } from '../i18n'
import { meta } from '../meta'
import { session } from '../session'
import type { Text } from '../text/text'
import { parseRef, refLabel } from './ref'
import { shortened } from './title'
import { orgWord } from './words'

/** Names of places by reference, asked for once, when the first place is shown. */
const places = shallowRef<Map<string, Text> | null>(null)
let asked = false

async function askPlaces(): Promise<void> {
  asked = true
  try {
    const found = await api.get<FeatureCollection>('/api/places')
    places.value = new Map(
      found.features.flatMap((f) => {
        const p = f.properties as { ref?: string; name?: Text } | null
        return p?.ref && p.name ? [[p.ref, p.name] as const] : []
      }),
    )
  } catch {
    asked = false
  }
}

/** Titles of accounts by number; those that nobody may know stay as they are. Asked for together, a moment after the first. */
const people = shallowRef(new Map<string, Text>())
const wanted = new Set<string>()
const known = new Set<string>()
const ACCOUNT = /^(?:[a-z0-9-]+\/)?([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/
const MOST = 100

async function askPeople(): Promise<void> {
  const ids = [...wanted].slice(0, MOST)
  for (const id of ids) wanted.delete(id)
  if (!ids.length) return
  try {
    const found = await api.get<{ id: string; title: Text }[]>(`/api/identity/people?${ids.map((id) => `id=${id}`).join('&')}`)
    people.value = new Map([...people.value, ...found.map((one) => [one.id, one.title] as const)])
  } catch {
    for (const id of ids) known.delete(id)
  }
  if (wanted.size) void askPeople()
}

/** What a person reads for an account's number: its title, until that is known the number's end. */
export function accountText(value: string): string {
  const system = /^connector:(\S+)$/.exec(value)?.[1]
  if (system) return chrome('shell.systemOf', { org: orgWord(system) })
  const id = ACCOUNT.exec(value)?.[1]
  if (!id) return value
  if (!known.has(id)) {
    known.add(id)
    wanted.add(id)
    if (wanted.size === 1) window.setTimeout(() => void askPeople(), 30)
  }
  return loc(people.value.get(id)) || `…${id.slice(-6)}`
}

/** Kinds of things that are few, and whose records hold a name in both languages; their names by reference, asked for once a kind. */
const NAMED = new Set(['lane'])
const things = shallowRef(new Map<string, Text>())
const kindsAsked = new Set<string>()

async function askThings(kind: string): Promise<void> {
  kindsAsked.add(kind)
  const record = Object.entries(meta.value?.records ?? {}).find(([, one]) => one.ref === kind && one.readable)?.[0]
  if (!record) return
  try {
    const found = await api.get<Page>(recordPath(record), { limit: 200 })
    const named = found.items.flatMap(({ ref, data }) => (data.name_zh || data.name_en ? [[ref, { zh: String(data.name_zh ?? ''), en: String(data.name_en ?? '') }] as const] : []))
    things.value = new Map([...things.value, ...named])
  } catch {
    kindsAsked.delete(kind)
  }
}

const AT_PLACE = /^(.+)\/PLACE:(.+)$/

/** What a person reads for a reference: a place, a lane and an organisation by name, what is known by a place with that place's name, the rest by number. */
export function refText(ref: string): string {
  const { kind, value } = parseRef(ref)
  if (kind === 'org') return orgWord(value)
  if (NAMED.has(kind)) {
    if (!kindsAsked.has(kind) && meta.value && session.business.value) void askThings(kind)
    return loc(things.value.get(ref)) || refLabel(ref)
  }
  const within = AT_PLACE.exec(value)
  const place = kind === 'place' ? ref : within && `place:${within[2]}`
  if (!place) return shortened(refLabel(ref))
  if (!asked && session.business.value) void askPlaces()
  const name = loc(places.value?.get(place))
  if (!name) return refLabel(ref)
  return within ? `${refLabel(`${kind}:${within[1]}`)} · ${name}` : name
}
