import { chrome, i18n, loc } from '../i18n'
import type { AnyText } from '../text/text'
import { meta, recordMeta } from '../meta'

/** A chrome word for a code (`kind.vessel`), or the code itself where the files have no word for it. */
export function word(group: string, code: string | null | undefined): string {
  if (!code) return ''
  const key = `${group}.${code}`
  return i18n.global.te(key, i18n.global.locale.value) ? chrome(key) : code
}

export function kindWord(kind: string): string {
  return word('kind', kind)
}

/** The organisation under which the platform itself acts. */
const PLATFORM = 'kouan'

/** An organisation: its title where an answer or the meta holds one, else the word for its kind, else its slug. */
export function orgWord(org: string | { org?: string; slug?: string; title?: AnyText } | null | undefined): string {
  if (!org) return ''
  if (typeof org !== 'string') return loc(org.title) || orgWord(org.slug ?? org.org)
  const slug = org.replace(/^org:/, '')
  // What the platform did by itself stands under its own name.
  return loc(meta.value?.orgs?.[slug]) || (slug === PLATFORM ? chrome('shell.name') : word('org', slug))
}

/** A choice: its title when the schema gives one, else the chrome word for its code. */
export function optionWord(option: { value: string | number; title: AnyText }): string {
  return typeof option.title === 'string' ? word('code', option.title) : loc(option.title)
}

/** A record without a lifecycle is simply kept; that is no state to speak of. */
const NO_STATE = 'kept'

/** The state of a record: the title that a track gives it, else the chrome word for it. */
export function stateWord(record: string, state: string | null | undefined): string {
  if (!state || state === NO_STATE) return ''
  for (const track of recordMeta(record)?.lifecycle?.tracks ?? []) {
    const title = track.states[state]
    if (title) return loc(title)
  }
  return word('state', state)
}

/** What was done to a record: the title of its lifecycle's action, else the chrome word for it, at last the code in small words. */
export function actWord(record: string, act: string): string {
  for (const track of recordMeta(record)?.lifecycle?.tracks ?? []) {
    const action = track.actions.find((one) => one.name === act || `${track.name}.${one.name}` === act)
    if (action) return loc(action.title)
  }
  const known = word('act', act)
  return known === act ? plain(act) : known
}

export function unitWord(unit: string): string {
  return word('unit', unit)
}

export function receiptId(receipt: { id: string } | string | null | undefined): string {
  return typeof receipt === 'string' ? receipt : (receipt?.id ?? '')
}

/** A code in capitals with underscores is a name for machines; small letters read better. */
export function plain(code: string): string {
  return code.replaceAll('_', ' ')
}

/** What kind of file a name says that it is: `XLSX`. */
export function fileKind(name: string): string {
  return (name.split('.').at(-1) ?? name).toUpperCase()
}

export function portName(): string {
  // The bar marks a demo port itself; its own remark in brackets would say it twice.
  return loc(meta.value?.port.name).replace(/\s*[（(].*[)）]\s*$/, '')
}

const FAULTS: [RegExp, string][] = [
  [/^(ConnectError|ConnectionRefusedError|ConnectionResetError|OSError|gaierror)\b/, 'unreachable'],
  [/^(TimeoutError|\w*Timeout)\b/, 'late'],
  [/^(ReadError|WriteError|CloseError|\w*ProtocolError|\w*IncompleteReadError)\b/, 'broken'],
  [/^unacknowledged$/, 'unacknowledged'],
  [/^too old$/, 'old'],
  [/^address$/, 'address'],
]
/** Why another system did not take what was sent, in words; what is said in other words by that system stays as it is. */
export function faultWord(said: string | null | undefined): string {
  const text = (said ?? '').replace(/^(PartyAway|Away): /, '')
  const code = text === 'gone' ? '410' : /^HTTP (\d{3})$/.exec(text)?.[1]
  if (code) return chrome('fault.answered', { code })
  const known = FAULTS.find(([like]) => like.test(text))
  return known ? chrome(`fault.${known[1]}`) : text
}
