import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { asked, blank, sums, type Examined } from '@/boards/base/erasure/erasure'
import { locale } from '@/kernel/i18n'
import { meta } from '@/kernel/meta'
import type { Meta } from '@/kernel/api/types'
import { setPortZone } from '@/kernel/time/time'
import { actionWord, barLabel, bars, doorWord, told, touchedBy, usesRoute, type Alarm, type Counts } from './datause'

const sum = (key: string, rows = 0) => ({ key, org: '', rows, masked: 0, accounts: 0, service: false, restricted: 0, denied: 0, last: '' })
const alarm = (evidence: Alarm['evidence']): Alarm => ({
  id: 'i', number: 'WA-1', alert: 'assurance.datause.mass_export', severity: 'serious', title: { zh: '', en: '' }, message: { zh: '', en: '' },
  at: '2026-11-23T01:00:00Z', value: 1, threshold: 1, state: 'open', evidence,
})

beforeEach(() => {
  locale.value = 'en'
  setPortZone('Asia/Shanghai')
  meta.value = {
    records: { 'base.portcall.person_aboard': { title: { zh: '船上人员', en: 'Person aboard' } } },
    boards: [{ modules: [{ name: 'identity', title: { zh: '统一用户与认证', en: 'Users and sign-in' } }] }],
  } as unknown as Meta
})

afterAll(() => {
  meta.value = null
})

describe('the record of use', () => {
  it('ends each bar where the next begins, the last with the span', () => {
    const counts: Counts = { since: '', until: '2026-11-23T02:30:00Z', by: 'hour', items: [sum('2026-11-23T01:00:00Z'), sum('2026-11-23T02:00:00Z', 3)], total: null }
    expect(bars(counts).map((one) => one.until)).toEqual(['2026-11-23T02:00:00Z', '2026-11-23T02:30:00Z'])
    expect(barLabel('2026-11-23T02:00:00Z', 'hour')).toBe('10:00')
    expect(barLabel('2026-11-22T16:00:00Z', 'day')).toBe('11-23')
  })
  it('says by which way something was shown', () => {
    expect(doorWord('GET /api/records/base/place/place/{id}/history')).toBe('History')
    expect(doorWord('GET /api/records/base/place/place/{id}')).toBe('Record page')
    expect(doorWord('GET /api/records/base/place/place')).toBe('List')
    expect(doorWord('GET /api/records/base/place/place/export')).toBe('File export')
    expect(doorWord('POST /api/query')).toBe('Query')
    expect(doorWord('GET /api/identity/people')).toBe('Users and sign-in')
    expect(doorWord('GET /api/nowhere')).toBe('Another door')
    expect(doorWord('')).toBe('Inside the platform')
  })
  it('says what was done or tried', () => {
    expect(actionWord('base.portcall.person_aboard:read')).toBe('Person aboard (read)')
    expect(actionWord('GET /api/records/base/portcall/person_aboard/{id}')).toBe('Person aboard (Record page)')
    expect(actionWord('erase.examine')).toBe('Examine what can be read')
    expect(actionWord('some.new:thing')).toBe('some.new:thing')
  })
  it('keeps what is empty out of the address of lines', () => {
    expect(usesRoute({ org: 'border', account: '' }, 'denied').query).toEqual({ view: 'denied', org: 'border' })
    expect(usesRoute({ since: '2026-11-23T00:00:00Z' }).query).toEqual({ since: '2026-11-23T00:00:00Z' })
  })
  it('finds the span of an alarm in its evidence, its last second included', () => {
    expect(touchedBy(alarm({ account: 'a', since: '2026-11-23T00:00:00Z', until: '2026-11-23T00:10:00Z' }))).toEqual({
      account: 'a', since: '2026-11-23T00:00:00Z', until: '2026-11-23T00:10:01.000Z',
    })
    expect(touchedBy(alarm({ account: 'a', all_records: '/api/datause/rows?account=a&since=2026-11-23T00:30:00Z' }))?.since).toBe('2026-11-23T00:30:00Z')
    expect(touchedBy(alarm({ found: ['r_x'] }))).toBeNull()
  })
  it('tells an alarm with names, in both languages', () => {
    const one = alarm({ account: 'acc', org: 'border', doors: [{ record: 'base.portcall.person_aboard' }] })
    expect(told('Account acc (border) was shown 9 records, mostly base.portcall.person_aboard', one)).toBe('Account acc (Border inspection) was shown 9 records, mostly Person aboard')
    locale.value = 'zh'
    expect(told('账号 acc（border）读取 base.portcall.person_aboard', one)).toBe('账号 acc（边检）读取 船上人员')
  })
})

describe('erasure', () => {
  it('asks for nobody while something is missing', () => {
    expect(asked(blank())).toBeNull()
    expect(asked({ ...blank(), number: 'E1' })).toBeNull()
    expect(asked({ ...blank(), kind: 'other', number: 'no kind' })).toBeNull()
  })
  it('writes persons and other subjects as the platform keeps them', () => {
    expect(asked({ ...blank(), issuer: ' cn ', number: ' E1 ' })).toEqual({ person: 'P/CN/E1' })
    expect(asked({ ...blank(), document: 'other', number: 'ID/CN/1' })).toEqual({ person: 'ID/CN/1' })
    expect(asked({ ...blank(), kind: 'device', number: 'BADGE-1' })).toEqual({ subject: 'device:BADGE-1' })
    expect(asked({ ...blank(), kind: 'other', number: 'truck:鲁B12345' })).toEqual({ subject: 'truck:鲁B12345' })
  })
  it('adds up what opens', () => {
    const type = { record: 'r', title: { zh: '', en: '' }, records: 2, sealed: 8, opened: 3, looked_up: 1 }
    expect(sums({ kind: 'person', key: true, erased: null, types: [type, type] } as Examined)).toEqual({ records: 4, sealed: 16, opened: 6, found: 2 })
  })
})
