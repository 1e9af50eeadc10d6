import type { Data } from '../api/types'
import { recordMeta } from '../meta'
import { fieldsOf } from '../record-form/schema'
import { short } from '../time/time'
import { optionWord } from './words'
import { isRef, refLabel, tidyShips } from './ref'

const MOMENT = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)/g

/** A reference's text with its moments as a person reads them, in the port's zone. */
export function shortened(text: string): string {
  return text.replace(MOMENT, (moment) => short(moment))
}

/** What was told, without the kinds that stand before the numbers in it. */
export function toldText(text: string): string {
  return shortened(tidyShips(text.replace(/(?<=^|\s)[a-z]{4,14}:(?=[A-Z0-9])/g, '').replace(/(?<=^|[\s/|])(?:BILL|MANIFEST|PORTCALL|DECLARATION|CONSIGNMENT|CONTAINER|ORDER):(?=\w)/g, '')))
}

/** What a person calls a record: its label, and for a report of a box or ship also what was done and when. */
export function titleOf(record: string, ref: string, data: Data): string {
  const meta = recordMeta(record)
  const stated = meta?.label ? data[meta.label] : null
  const label = typeof stated === 'string' && stated ? (isRef(stated) ? refLabel(stated) : stated) : ''
  if (!meta || !label) return shortened(refLabel(ref))
  const activity = fieldsOf(meta.schema).find((field) => field.name === 'activity')
  const option = activity?.options.find((one) => one.value === data.activity)
  return option ? `${label} · ${optionWord(option)}` : label
}
