import type { ActionMeta, Item, RecordMeta } from '@/kernel/api/types'
import { orgWord } from '@/kernel/card/words'
import { chrome } from '@/kernel/i18n'
import { tracksOf, type TrackView } from '@/kernel/record-page/lifecycle'
import { fieldsOf, type Option } from '@/kernel/record-form/schema'
import type { Locale } from '@/kernel/text/text'

export const ORDER = 'supervision.inspection.order'
export const AGENCIES = ['customs', 'border', 'maritime']
/** The agency that may enter for all, in the officers' presence. */
export const LEAD = 'customs'

export interface Finding {
  agency: string
  outcome: string
  note?: string
  by?: string
  at?: string
}
/** One agency's part in the visit. */
export interface AgencyPart {
  agency: string
  track: TrackView | null
  finding: Finding | null
  /** Actions by which this user's organisation enters its result. */
  actions: ActionMeta[]
}

export function findingsOf(item: Item): Finding[] {
  return Array.isArray(item.data.findings) ? (item.data.findings as Finding[]) : []
}

/** The classes that a finding may give, as the order's schema states them. */
export function classesOf(meta: RecordMeta | null): Option[] {
  const findings = meta ? fieldsOf(meta.schema).find((f) => f.name === 'findings') : undefined
  return findings?.item?.fields.find((f) => f.name === 'outcome')?.options ?? []
}

/** Agencies named on the order, each with its track, found by the track's name or else its owner. */
export function partsOf(item: Item, meta: RecordMeta | null): AgencyPart[] {
  const tracks = tracksOf(item, meta)
  const named = Array.isArray(item.data.agencies) ? item.data.agencies.map(String) : tracks.map((t) => t.meta.owner)
  const findings = findingsOf(item)
  return named.map((agency) => {
    const track = tracks.find((t) => t.meta.name === agency) ?? tracks.find((t) => t.meta.owner === agency) ?? null
    return { agency, track, finding: findings.find((f) => f.agency === agency) ?? null, actions: track?.mine ?? [] }
  })
}

/** "customs: 中文 / English", as the rules write a reason for both, in one language. */
export function inTongue(text: string, locale: Locale): string {
  const [, agency, words = text] = /^(?:([a-z]+): )?(.*)$/s.exec(text) ?? []
  const both = /^(.*\p{Script=Han}.*?) \/ (.+)$/su.exec(words)
  const said = (locale === 'zh' ? both?.[1] : both?.[2]) ?? words
  return agency ? chrome('form.errorAt', { field: orgWord(agency), text: said }) : said
}

/** Result classes lead the screen in the order of severity that the schema gives them. */
export function tally(findings: Finding[]): Map<string, string[]> {
  const found = new Map<string, string[]>()
  for (const f of findings) found.set(f.outcome, [...(found.get(f.outcome) ?? []), f.agency])
  return found
}
