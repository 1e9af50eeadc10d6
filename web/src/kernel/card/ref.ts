/** References are `kind:value`; a vessel's value names its scheme too (`vessel:imo:9321483`). */
export interface Ref {
  kind: string
  value: string
}

export function parseRef(ref: string): Ref {
  const at = ref.indexOf(':')
  return at < 0 ? { kind: '', value: ref } : { kind: ref.slice(0, at), value: ref.slice(at + 1) }
}

export function isRef(text: unknown): text is string {
  return typeof text === 'string' && /^[a-z]{3,12}:\S.*$/.test(text) && parseRef(text).kind in PATHS
}

const INNER = /(?<=^|[/|])(?:BILL|MANIFEST|PORTCALL|DECLARATION|CONSIGNMENT|CONTAINER|WAYBILL|WAGON):/g

/** What a person calls the thing: the value, a vessel's scheme in capitals before it. */
export function refLabel(ref: string): string {
  const { kind, value } = parseRef(ref)
  // An answer is known by its agency's number: the last part of the reference. A person's token is nobody's reading.
  if (kind === 'receipt') return value.split('/').at(-1) ?? value
  if (kind === 'aboard' || kind === 'person') return value.replace(/^.*(T_\w{4})\w*?(\w{4})$/i, '$1…$2')
  return tidyShips(value.replace(INNER, ''))
}

/** `imo:9321483` inside a text reads IMO 9321483. */
export function tidyShips(text: string): string {
  return text.replace(/(^|[\s/|])(?:VESSEL:)?(IMO|MMSI):(\w+)/gi, (_, before: string, scheme: string, number: string) =>
    `${before}${scheme.toUpperCase()} ${number}`)
}

/** One mark per kind, drawn in a 16×16 box; shape tells the kind without colour. */
export const PATHS: Record<string, string> = {
  container: 'M1 4h14v8H1zM4.5 4v8M8 4v8M11.5 4v8',
  vessel: 'M1 9h14l-2.5 5h-9zM4 9V5h6v4M8 5V2',
  voyage: 'M1 11h14l-2 3H3zM2 6h9M8.5 3.5 11 6 8.5 8.5',
  portcall: 'M8 2v12M5 5h6M2 9c0 3.5 3 5 6 5s6-1.5 6-5',
  manifest: 'M3 1h10v14H3zM5.5 5h5M5.5 8h5M5.5 11h3',
  bill: 'M3 1h10v14l-2.5-2-2.5 2-2.5-2L3 15zM5.5 5h5M5.5 8h5',
  declaration: 'M3 1h7l3 3v11H3zM10 1v3h3M5.5 9l2 2 3-4',
  vehicle: 'M1 4h8v7H1zM9 6h3.5L15 9v2H9zM4 11v2M12 11v2',
  passage: 'M2 14V3M14 14V3M2 4l12 5',
  order: 'M3 2h10v13H3zM6 1h4v2.5H6zM5.5 7h5M5.5 10.5h5',
  booking: 'M2 3h12v11H2zM2 6.5h12M5 1v3M11 1v3',
  enterprise: 'M2 15V5l6-4 6 4v10zM6.5 15v-4h3v4',
  person: 'M8 8a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM2 15c0-3.5 3-5 6-5s6 1.5 6 5',
  place: 'M8 15S3 9.5 3 6a5 5 0 0 1 10 0c0 3.5-5 9-5 9zM8 7.5v-3',
  org: 'M1 15h14M2 6l6-4 6 4zM4 6v7M8 6v7M12 6v7',
  permit: 'M3 1h10v14H3zM8 6a2 2 0 1 0 0 4 2 2 0 0 0 0-4z',
  receipt: 'M3 1v14l2-1.5L6.5 15 8 13.5 9.5 15l1.5-1.5 2 1.5V1zM5.5 5h5M5.5 8h5',
  wagon: 'M1 4h14v7H1zM4 13.5v.1M12 13.5v.1M1 11h14',
  consignment: 'M2 3h12v11H2zM2 6.5h12M8 3v3.5',
  assessment: 'M2 12a6 6 0 0 1 12 0zM8 12l3-5',
  aboard: 'M8 8a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM2 15c0-3.5 3-5 6-5s6 1.5 6 5',
  lane: 'M3 15V1M13 15V1M8 3v3M8 10v3',
  railmanifest: 'M3 1h10v14H3zM6 4v8M10 4v8M6 6h4M6 10h4',
  waybill: 'M2 2h12v12H2zM2 6h12M5 9h6M5 11.5h4',
}
const OTHER = 'M8 2l6 6-6 6-6-6z'

export function kindPath(kind: string): string {
  return PATHS[kind] ?? OTHER
}

/** Kind of thing that a record type is about, by its last name. */
export function recordKind(record: string): string {
  const name = record.split('.').at(-1) ?? ''
  const known: Record<string, string> = {
    port_call: 'portcall', consignment: 'bill', rail_manifest: 'manifest', response: 'receipt', user: 'person',
    organisation: 'org', vehicle_passage: 'passage',
  }
  return known[name] ?? name
}
