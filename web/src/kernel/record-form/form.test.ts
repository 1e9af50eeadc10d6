import { beforeEach, describe, expect, it } from 'vitest'
import { locale } from '../i18n'
import { withoutProtected } from './draft'
import { parseCells, readRows, toValue } from './paste'
import { fieldAt, fieldsOf, normalPath, setAt, type JsonSchema } from './schema'
import { clean, validate } from './validate'

/** The shapes that Pydantic emits: `$ref`, `anyOf` with null, enums without titles, decimals as number or string. */
const SCHEMA: JsonSchema = {
  type: 'object',
  required: ['voyage', 'crew', 'flag'],
  $defs: {
    Goods: {
      type: 'object',
      required: ['un'],
      properties: {
        un: { type: 'string', pattern: '^[0-9]{4}$', 'x-kouan': { zh: '联合国编号', en: 'UN number', example: '1203' } },
        gross: { anyOf: [{ type: 'number', minimum: 0 }, { type: 'null' }], 'x-kouan': { zh: '毛重', en: 'Gross mass', unit: 'kg' } },
      },
    },
  },
  properties: {
    voyage: { type: 'string', maxLength: 6, 'x-kouan': { zh: '航次', en: 'Voyage' } },
    crew: { type: 'integer', minimum: 0, 'x-kouan': { zh: '船员人数', en: 'Number of crew' } },
    flag: { type: 'string', pattern: '^[A-Z]{2}$', 'x-kouan': { zh: '船旗国', en: 'Flag state', example: 'CN' } },
    direction: { enum: ['in', 'out'], type: 'string', 'x-kouan': { zh: '方向', en: 'Direction' } },
    master: { anyOf: [{ type: 'string' }, { type: 'null' }], 'x-kouan': { zh: '船长', en: 'Master', level: 3 } },
    amount: { anyOf: [{ type: 'number' }, { type: 'string', pattern: '^\\d+$' }, { type: 'null' }], 'x-kouan': { zh: '金额', en: 'Amount' } },
    dangerous: { type: 'array', items: { $ref: '#/$defs/Goods' }, 'x-kouan': { zh: '危险货物', en: 'Dangerous goods' } },
    boxes: { type: 'array', items: { type: 'string' }, 'x-kouan': { zh: '箱', en: 'Boxes' } },
    eta: { type: 'string', format: 'date-time', 'x-kouan': { zh: '预抵', en: 'ETA' } },
    day: { type: 'string', format: 'date', 'x-kouan': { zh: '日期', en: 'Day' } },
  },
}
const fields = fieldsOf(SCHEMA)
const field = (path: string) => {
  const found = fieldAt(fields, path)
  if (!found) throw new Error(`no field ${path}`)
  return found
}

beforeEach(() => {
  locale.value = 'en'
})

describe('schema', () => {
  it('reads kinds through references, nullable unions and decimals', () => {
    expect(fields.map((f) => f.kind)).toEqual([
      'text', 'integer', 'text', 'enum', 'text', 'number', 'list', 'strings', 'instant', 'date',
    ])
    expect(field('dangerous.1.gross')).toMatchObject({ kind: 'number', unit: 'kg', required: false })
  })
  it('finds a field in every spelling of its path', () => {
    expect(normalPath('body.dangerous[2].un')).toBe('dangerous.2.un')
    expect(normalPath('/dangerous/2/un')).toBe('dangerous.2.un')
    expect(fieldAt(fields, 'dangerous.2.nothing')).toBeNull()
  })
})

describe('validation', () => {
  it('names each wrong field once, nested ones too', () => {
    const data = { voyage: '2611EXTRA', crew: 1.5, dangerous: [{ un: '12', gross: -1 }], direction: 'sideways' }
    const found = new Map(validate(fields, data).map((e) => [e.path, e.text]))
    expect([...found.keys()].sort()).toEqual(['crew', 'dangerous.0.gross', 'dangerous.0.un', 'direction', 'flag', 'voyage'])
    expect(found.get('flag')).toContain('Flag state')
    expect(found.get('dangerous.0.un')).toContain('1203')
  })
  it('speaks the language of the screen', () => {
    locale.value = 'zh'
    expect(validate(fields, {}).find((e) => e.path === 'flag')?.text).toContain('船旗国')
  })
  it('passes a complete record and sends no empty leaves', () => {
    const data = { voyage: ' 2611E ', crew: '21', flag: 'CN', master: '', dangerous: [{ un: '1203', gross: '' }, {}], boxes: ['', 'A'] }
    expect(validate(fields, { ...data, dangerous: [{ un: '1203' }] })).toEqual([])
    expect(clean(fields, data)).toEqual({ voyage: '2611E', crew: 21, flag: 'CN', dangerous: [{ un: '1203' }], boxes: ['A'] })
  })
})

describe('paste from a spreadsheet', () => {
  it('reads quoted cells, doubled quotes and line breaks inside quotes', () => {
    expect(parseCells('a,"b ""x""\nc",d\r\n1,2,3\n')).toEqual([['a', 'b "x"\nc', 'd'], ['1', '2', '3']])
  })
  it('matches headings in either language, with units and stars', () => {
    expect(readRows('船员人数（人）*\tFlag state\n21\tCN', fields)).toEqual([{ crew: 21, flag: 'CN' }])
  })
  it('falls back to the order of the fields', () => {
    expect(readRows('2611E\t21\tCN', fields)).toEqual([{ voyage: '2611E', crew: 21, flag: 'CN' }])
  })
  it('reads an upright sheet of names and values', () => {
    expect(readRows('航次\t2611E\n船旗国\tCN', fields)).toEqual([{ voyage: '2611E', flag: 'CN' }])
  })
  it('turns cells into values and leaves what does not fit for validation', () => {
    expect(toValue(field('crew'), '1,024')).toBe(1024)
    expect(toValue(field('crew'), 'many')).toBe('many')
    expect(toValue(field('day'), '2026年1月2日')).toBe('2026-01-02')
    expect(toValue(field('boxes'), 'A1；B2, C3')).toEqual(['A1', 'B2', 'C3'])
  })
})

describe('drafts', () => {
  it('keep protected fields out of the browser', () => {
    const data: Record<string, unknown> = { voyage: '2611E', master: 'somebody' }
    setAt(data, 'dangerous.0.un', '1203')
    expect(withoutProtected(fields, data)).toEqual({ voyage: '2611E', dangerous: [{ un: '1203' }] })
  })
})
