import type { FeatureCollection } from 'geojson'
import { shallowRef } from 'vue'
import { api } from '../api/client'
import { loc } from '../i18n'
import { session } from '../session'
import type { Text } from '../text/text'
import { parseRef, refLabel } from './ref'
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

/** What a person reads for a reference: a place and an organisation by name, the rest by number. */
export function refText(ref: string): string {
  const { kind, value } = parseRef(ref)
  if (kind === 'org') return orgWord(value)
  if (kind !== 'place') return refLabel(ref)
  if (!asked && session.business.value) void askPlaces()
  return loc(places.value?.get(ref)) || refLabel(ref)
}
