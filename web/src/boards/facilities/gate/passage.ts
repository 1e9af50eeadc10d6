import type { Item, PassageAnswer } from '@/kernel/api/types'
import { loc } from '@/kernel/i18n'
import type { AnyText } from '@/kernel/text/text'

export const PASSAGE = 'facilities.gate.passage'
export const LANE = 'facilities.gate.lane'
export type Decision = 'open' | 'divert' | 'refuse'

export interface Judged {
  rule: string
  met: boolean
  text: AnyText
  owner: string
}
/** A passage as the gate page shows it, from a fresh answer or from a kept record. */
export interface PassageView {
  id: string
  decision: Decision
  vehicle: string
  containers: string[]
  at: string
  to: string
  state: string
  reasons: Judged[]
}

interface Judgement {
  rule?: string
  met?: boolean
  zh?: string
  en?: string
  reason?: AnyText
  owner?: string
}
function judged(list: unknown): Judged[] {
  return (Array.isArray(list) ? (list as Judgement[]) : []).map((j) => ({
    rule: j.rule ?? '',
    met: j.met ?? false,
    text: j.reason ?? { zh: j.zh ?? '', en: j.en ?? '' },
    owner: j.owner ?? '',
  }))
}

export function fromItem(item: Item): PassageView {
  const d = item.data
  return {
    id: item.id,
    decision: d.decision as Decision,
    vehicle: String(d.vehicle ?? ''),
    containers: Array.isArray(d.containers) ? d.containers.map(String) : [],
    at: String(d.at ?? item.filed_at),
    to: String(d.to ?? ''),
    state: item.state ?? '',
    reasons: judged(d.judgements ?? d.reasons),
  }
}

export function fromAnswer(answer: PassageAnswer, vehicle: string, containers: string[]): PassageView {
  return {
    id: answer.passage.id,
    decision: answer.decision,
    vehicle,
    containers,
    at: new Date().toISOString(),
    to: answer.to ?? '',
    state: 'kept',
    reasons: answer.reasons.map((r) => ({
      rule: r.rule,
      met: r.met,
      text: r.reason,
      owner: typeof r.owner === 'string' ? r.owner : loc(r.owner?.title) || (r.owner?.org ?? ''),
    })),
  }
}

/** Unmet reasons first: they are what the driver asks about. */
export function inOrder(reasons: Judged[]): Judged[] {
  return [...reasons].sort((a, b) => Number(a.met) - Number(b.met))
}
