import { describe, expect, it } from 'vitest'
import { blank, bodyOf, columnOf, freshAlias, nameOf, opsOf, sortable, type Column, type Part } from './query'

const column = (name: string, type: string, values = {}): Column => ({ name, title: { zh: name, en: name }, type, unit: '', level: 1, reference: '', values })

describe('query builder', () => {
  it('numbers an alias that is taken', () => {
    const asked = { ...blank('base.manifest.consignment'), join: [{ record: 'base.manifest.consignment', on: 'ref', to: 'ref', as: 'consignment_2', keep: 'all' as const }] }
    expect(freshAlias(asked, 'base.manifest.consignment')).toBe('consignment_3')
    expect(freshAlias(asked, 'base.declaration.declaration')).toBe('declaration')
  })
  it('names columns of the first table plainly and finds them again', () => {
    const asked = blank('base.declaration.declaration')
    const parts: Part[] = ['declaration', 'bill'].map((alias) => ({ alias, table: { name: alias, record: alias, title: { zh: alias, en: alias }, columns: [column('ref', 'text')], joins: [] } }))
    expect(nameOf(asked, 'declaration', 'ref')).toBe('ref')
    expect(nameOf(asked, 'bill', 'ref')).toBe('bill.ref')
    expect(columnOf(parts, 'bill.ref')?.name).toBe('ref')
    expect(columnOf(parts, 'gone.ref')).toBeNull()
  })
  it('leaves out what is not filled in, and columns where there are groups', () => {
    const asked = { ...blank(), where: [{ column: 'a', op: 'eq', value: '' }, { column: 'b', op: 'empty', value: 'x' }, { column: 'c', op: 'in', value: '1，2, ,3' }], select: ['a'], group: [{ column: '', by: null }], aggregate: [{ fn: 'sum', column: null }, { fn: 'count', column: null }] }
    expect(bodyOf(asked)).toMatchObject({ where: [{ column: 'b', op: 'empty' }, { column: 'c', op: 'in', value: ['1', '2', '3'] }], group: [], aggregate: [{ fn: 'count', column: null }], select: [] })
  })
  it('sorts by the names that the answer has', () => {
    expect(sortable({ ...blank(), group: [{ column: 'state', by: null }], aggregate: [{ fn: 'sum', column: 'bill.kg' }] })).toEqual(['state', 'sum_bill_kg'])
  })
  it('offers the conditions that fit', () => {
    expect(opsOf(column('a', 'list'))).toContain('has')
    expect(opsOf(column('a', 'text', { x: {} }))).not.toContain('begins')
    expect(opsOf(column('a', 'decimal'))).toContain('gte')
  })
})
