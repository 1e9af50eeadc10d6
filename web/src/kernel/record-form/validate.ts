import { chrome, loc } from '../i18n'
import type { Field } from './schema'

export interface FieldError {
  path: string
  text: string
}

export function isEmpty(value: unknown): boolean {
  return value === undefined || value === null || value === '' || (Array.isArray(value) && value.length === 0)
}

/** What the browser can see is wrong; the server judges again and knows more. */
export function validate(fields: Field[], data: Record<string, unknown>, prefix = ''): FieldError[] {
  return fields.flatMap((field) => checkField(field, data[field.name], prefix + field.name))
}

function checkField(field: Field, value: unknown, path: string): FieldError[] {
  if (field.readOnly) return []
  if (field.kind === 'object') {
    if (!field.required && isBlank(value)) return []
    return validate(field.fields, (value ?? {}) as Record<string, unknown>, `${path}.`)
  }
  if (isEmpty(value)) return field.required ? [fail(path, 'form.errRequired', { field: loc(field.title) })] : []
  if (field.kind === 'list' || field.kind === 'strings') return checkList(field, value as unknown[], path)
  const text = checkValue(field, value)
  return text ? [{ path, text }] : []
}

/** An object whose every leaf is empty was not begun. */
export function isBlank(value: unknown): boolean {
  if (value !== null && typeof value === 'object') return Object.values(value).every(isBlank)
  return isEmpty(value)
}

function checkList(field: Field, items: unknown[], path: string): FieldError[] {
  const { minItems, maxItems } = field.rules
  const found: FieldError[] = []
  // A row or line that was added and left empty is not sent and not judged.
  const begun = items.filter((value) => !isBlank(value)).length
  if (minItems && begun < minItems) found.push(fail(path, 'form.errMinItems', { n: minItems }))
  if (maxItems && begun > maxItems) found.push(fail(path, 'form.errMaxItems', { n: maxItems }))
  const item = field.item
  if (item) items.forEach((value, i) => found.push(...(isBlank(value) ? [] : checkField(item, value, `${path}.${i}`))))
  return found
}

function fail(path: string, key: string, values: Record<string, unknown>): FieldError {
  return { path, text: chrome(key, values) }
}

function checkValue(field: Field, value: unknown): string {
  if (field.kind === 'number' || field.kind === 'integer') return checkNumber(field, value)
  if (field.kind === 'enum') {
    return field.options.some((o) => String(o.value) === String(value)) ? '' : chrome('form.errChoice')
  }
  if (field.kind === 'date' || field.kind === 'instant') {
    return Number.isNaN(new Date(String(value)).getTime()) ? chrome('form.errDate') : ''
  }
  return field.kind === 'bool' ? '' : checkText(field, String(value).trim())
}

function checkNumber(field: Field, value: unknown): string {
  const n = Number(value)
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum } = field.rules
  if (!Number.isFinite(n)) return chrome('form.errNumber')
  if (field.kind === 'integer' && !Number.isInteger(n)) return chrome('form.errInteger')
  if (minimum !== undefined && n < minimum) return chrome('form.errMin', { n: minimum })
  if (maximum !== undefined && n > maximum) return chrome('form.errMax', { n: maximum })
  if (exclusiveMinimum !== undefined && n <= exclusiveMinimum) return chrome('form.errAbove', { n: exclusiveMinimum })
  if (exclusiveMaximum !== undefined && n >= exclusiveMaximum) return chrome('form.errBelow', { n: exclusiveMaximum })
  return ''
}

function checkText(field: Field, value: string): string {
  const { minLength, maxLength, pattern } = field.rules
  if (minLength && value.length < minLength) return chrome('form.errShort', { n: minLength })
  if (maxLength && value.length > maxLength) return chrome('form.errLong', { n: maxLength })
  if (pattern && !matches(pattern, value)) {
    return field.example ? chrome('form.errPatternLike', { example: field.example }) : chrome('form.errPattern')
  }
  return ''
}

/** A pattern that this browser cannot read is left to the server. */
function matches(pattern: string, value: string): boolean {
  try {
    return new RegExp(pattern, 'u').test(value)
  } catch {
    return true
  }
}

/** What is sent: no empty leaves, numbers as numbers. */
export function clean(fields: Field[], data: Record<string, unknown>): Record<string, unknown> {
  const out: Record<string, unknown> = {}
  for (const field of fields) {
    const value = cleanValue(field, data[field.name])
    if (value !== undefined) out[field.name] = value
  }
  return out
}

function cleanValue(field: Field, value: unknown): unknown {
  if (field.kind === 'bool') return value ?? undefined
  if (isEmpty(value)) return undefined
  if (field.kind === 'object') return isBlank(value) ? undefined : clean(field.fields, value as Record<string, unknown>)
  if (Array.isArray(value)) {
    const item = field.item
    return value.filter((v) => !isBlank(v)).map((v: unknown) => (item ? cleanValue(item, v) : v))
  }
  if (field.kind === 'number' || field.kind === 'integer') return Number(value)
  return typeof value === 'string' ? value.trim() : value
}
