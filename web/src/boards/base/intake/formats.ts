/** Formats of the intake; the last three need to be told which record they hold. */
export const FORMATS = ['edifact', 'wco-dec', 'imo-fal', 'imo-fal-xlsx', 'imo-fal-csv', 'nmea', 'csv', 'xlsx', 'json'] as const
export type Format = (typeof FORMATS)[number]
export const NEEDS_RECORD: ReadonlySet<string> = new Set(['csv', 'xlsx', 'json'])

const BY_ENDING: Record<string, Format> = {
  csv: 'csv', xlsx: 'xlsx', json: 'json', edi: 'edifact', edifact: 'edifact', nmea: 'nmea', ais: 'nmea',
}

/** What a file probably is, by its first bytes and then by its name. */
export function guessFormat(name: string, head: string): Format | null {
  const start = head.replace(/^\uFEFF/, '').trimStart()
  if (/^UN[AB]/.test(start)) return 'edifact'
  if (/^[!$\\][A-Z]/.test(start) && /VDM|VDO/.test(start)) return 'nmea'
  if (start.startsWith('<')) return /DocumentMetaData|Declaration|DMS|wco/i.test(start) ? 'wco-dec' : 'imo-fal'
  if (/"(ShipID|PortOfArrival)"\s*:/.test(start)) return 'imo-fal'
  if (start.startsWith('IMO编号 / IMO number')) return 'imo-fal-csv'
  return BY_ENDING[name.split('.').at(-1)?.toLowerCase() ?? ''] ?? null
}
