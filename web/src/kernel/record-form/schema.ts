import type { AnyText, Text } from '../text/text'

/** The part of JSON Schema that the registry emits. */
export interface JsonSchema {
  $ref?: string
  $defs?: Record<string, JsonSchema>
  type?: string | string[]
  title?: string
  format?: string
  enum?: unknown[]
  const?: unknown
  default?: unknown
  pattern?: string
  minimum?: number
  maximum?: number
  exclusiveMinimum?: number
  exclusiveMaximum?: number
  minLength?: number
  maxLength?: number
  minItems?: number
  maxItems?: number
  items?: JsonSchema
  properties?: Record<string, JsonSchema>
  required?: string[]
  anyOf?: JsonSchema[]
  oneOf?: JsonSchema[]
  allOf?: JsonSchema[]
  readOnly?: boolean
  'x-kouan'?: XKouan
}
interface XKouan {
  zh?: string
  en?: string
  level?: number
  unit?: string | null
  filter?: boolean | string
  ref?: string | null
  example?: unknown
  values?: Record<string, Text>
  help?: Text
  multiline?: boolean
  account?: boolean
  codes?: string
  named?: string
}

export type FieldKind = 'text' | 'long' | 'number' | 'integer' | 'bool' | 'date' | 'instant' | 'enum' | 'object' | 'list' | 'strings'
export interface Option {
  value: string | number
  title: AnyText
}
/** One field as form, table and record page see it. */
export interface Field {
  name: string
  title: AnyText
  kind: FieldKind
  required: boolean
  readOnly: boolean
  level: number
  unit: string
  ref: string
  account: boolean
  /** The code list that its values are mostly of. */
  codes: string
  /** The kind of thing of which its value is the code. */
  named: string
  example: string
  help: AnyText
  options: Option[]
  fields: Field[]
  item: Field | null
  rules: Pick<
    JsonSchema,
    'pattern' | 'minimum' | 'maximum' | 'exclusiveMinimum' | 'exclusiveMaximum' | 'minLength' | 'maxLength' | 'minItems' | 'maxItems'
  >
  initial: unknown
}

/** Follows `$ref`, drops `null` from a union, and folds a single `allOf`. */
export function resolve(schema: JsonSchema, root: JsonSchema): JsonSchema {
  let at = schema
  for (let depth = 0; depth < 20; depth++) {
    if (at.$ref) {
      const { $ref, ...beside } = at
      const name = $ref.split('/').at(-1) ?? ''
      at = { ...root.$defs?.[name], ...beside }
      continue
    }
    const union = at.anyOf?.filter((s) => s.type !== 'null')
    if (union?.length === 1) {
      const { anyOf: _, ...beside } = at
      at = { ...union[0], ...beside }
      continue
    }
    if (at.allOf?.length === 1) {
      const { allOf, ...beside } = at
      at = { ...allOf[0], ...beside }
      continue
    }
    return at
  }
  return at
}

function optionsOf(schema: JsonSchema): Option[] {
  const titled = (schema.oneOf ?? schema.anyOf)?.filter((s) => s.const !== undefined)
  if (titled?.length) {
    return titled.map((s) => ({ value: s.const as string, title: textOf(s, String(s.const)) }))
  }
  const words = schema['x-kouan']?.values
  const known = words && schema.type === 'string' ? Object.keys(words) : []
  const codes = schema.enum ?? (schema.const === undefined ? known : [schema.const])
  return codes.filter((v) => v !== null).map((v) => ({ value: v as string, title: words?.[String(v)] ?? String(v) }))
}

function textOf(schema: JsonSchema, other: string): AnyText {
  const x = schema['x-kouan']
  if (x?.zh || x?.en) return { zh: x.zh ?? '', en: x.en ?? '' }
  return schema.title ?? other
}

function kindOf(schema: JsonSchema, options: Option[], item: Field | null): FieldKind {
  const types = [schema.type ?? []].flat()
  if (options.length) return 'enum'
  if (types.includes('array')) return item && (item.kind === 'object' || item.kind === 'enum') ? 'list' : 'strings'
  if (schema.properties || types.includes('object')) return 'object'
  if (types.includes('boolean')) return 'bool'
  if (types.includes('integer')) return 'integer'
  // Decimals travel as strings with a pattern beside a number; the number decides.
  if (types.includes('number') || schema.anyOf?.some((s) => s.type === 'number')) return 'number'
  if (schema.format === 'date') return 'date'
  if (schema.format === 'date-time') return 'instant'
  return schema['x-kouan']?.multiline || (schema.maxLength ?? 0) > 300 ? 'long' : 'text'
}

export function toField(name: string, raw: JsonSchema, root: JsonSchema, required: boolean): Field {
  const schema = resolve(raw, root)
  const x = schema['x-kouan'] ?? {}
  const options = optionsOf(schema)
  const inner = schema.items && (x.values || x.codes || x.named) ? { ...schema.items, 'x-kouan': { ...schema.items['x-kouan'], values: x.values, codes: x.codes, named: x.named } } : schema.items
  const item = inner ? toField('', inner, root, true) : null
  const kind = kindOf(schema, options, item)
  return {
    name,
    title: textOf(schema, name),
    kind,
    required,
    readOnly: schema.readOnly ?? false,
    level: x.level ?? 1,
    unit: x.unit ?? '',
    ref: x.ref ?? '',
    account: x.account ?? false,
    codes: x.codes ?? '',
    named: x.named ?? '',
    example: x.example === undefined || x.example === null ? '' : String(x.example),
    help: x.help,
    options,
    fields: kind === 'object' ? fieldsOf(schema, root) : [],
    item,
    rules: schema,
    initial: schema.default ?? undefined,
  }
}

/** The fields of a record's schema, in its order. */
export function fieldsOf(schema: JsonSchema, root: JsonSchema = schema): Field[] {
  const required = new Set(schema.required ?? [])
  return Object.entries(schema.properties ?? {}).map(([name, s]) => toField(name, s, root, required.has(name)))
}

/** The field at `a.0.b`, or null. */
export function fieldAt(fields: Field[], path: string): Field | null {
  const [head, ...rest] = path.split('.')
  const found = fields.find((f) => f.name === head) ?? null
  if (!found || !rest.length) return found
  if (!/^\d+$/.test(rest[0] ?? '')) return fieldAt(found.fields, rest.join('.'))
  if (!found.item || rest.length === 1) return found.item
  return fieldAt(found.item.fields, rest.slice(1).join('.'))
}

export function getAt(data: unknown, path: string): unknown {
  return path.split('.').reduce<unknown>((at, part) => (at as Record<string, unknown> | null | undefined)?.[part], data)
}

export function setAt(data: Record<string, unknown>, path: string, value: unknown): void {
  const parts = path.split('.')
  let at: Record<string, unknown> = data
  parts.slice(0, -1).forEach((part, i) => {
    at[part] ??= /^\d+$/.test(parts[i + 1] ?? '') ? [] : {}
    at = at[part] as Record<string, unknown>
  })
  at[parts.at(-1) ?? ''] = value
}

/** `body.lines[2].code` and `/lines/2/code` name the same field as `lines.2.code`. */
export function normalPath(field: string): string {
  return field
    .replace(/\[(\d+)\]/g, '.$1')
    .replaceAll('/', '.')
    .replace(/^\.+/, '')
    .replace(/^(body|data)\./, '')
}
