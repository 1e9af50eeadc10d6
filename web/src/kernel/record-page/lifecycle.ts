import type { ActionMeta, Item, RecordMeta, TrackMeta, TrackState } from '../api/types'
import { session } from '../session'

/** One track of a record as a screen shows it. */
export interface TrackView {
  meta: TrackMeta
  now: TrackState | null
  /** Actions open from this state, whoever may do them. */
  next: ActionMeta[]
  /** The ones that this user's organisation may do. */
  mine: ActionMeta[]
}

/** Roles that look but do not act. */
const ONLY_READ = new Set(['viewer', 'audit-admin'])

/** `filedBy`: the organisation that filed the record, which alone may do some actions. */
export function mayAct(action: ActionMeta, filedBy: string): boolean {
  const me = session.me.value
  if (!me || me.roles.every((role) => ONLY_READ.has(role))) return false
  return action.by.includes('*') || action.by.includes(me.org.kind) || (action.by.includes('@filer') && filedBy === me.org.slug)
}

export function tracksOf(item: Item, meta: RecordMeta | null): TrackView[] {
  return (meta?.lifecycle?.tracks ?? []).flatMap((track) => {
    const now = item.tracks[track.name] ?? null
    // A track that this record does not run (an agency that did not ask) is not shown.
    if (!now && Object.keys(item.tracks).length) return []
    // What the platform alone does follows from other facts; nobody is to be waited for.
    const next = track.actions.filter((a) => now !== null && (!a.from.length || a.from.includes(now.state)) && a.by.some((kind) => kind !== 'platform'))
    return [{ meta: track, now, next, mine: next.filter((a) => mayAct(a, item.filed_by)) }]
  })
}
