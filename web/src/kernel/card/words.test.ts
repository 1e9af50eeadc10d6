import { beforeEach, expect, test } from 'vitest'
import { i18n } from '../i18n'
import { toField } from '../record-form/schema'
import { toldText } from './title'
import { fileKind, faultWord } from './words'

beforeEach(() => {
  i18n.global.locale.value = 'zh'
})

test('why a system did not take a message stands in words', () => {
  expect(faultWord('PartyAway: ConnectError')).toBe('无法连接对方系统')
  expect(faultWord('ConnectionRefusedError')).toBe('无法连接对方系统')
  expect(faultWord('ReadTimeout')).toBe('对方未及时应答')
  expect(faultWord('PartyAway: HTTP 503')).toBe('对方应答 HTTP 503')
})

test('what it says in words of its own is left alone', () => {
  expect(faultWord('berth unknown')).toBe('berth unknown')
  expect(faultWord(null)).toBe('')
})

test('what was told stands without the kinds before its numbers, its moments in the port\'s zone', () => {
  expect(toldText('布控成效 assessment:DECLARATION:TRADER/SIMD5/1')).toBe('布控成效 TRADER/SIMD5/1')
  expect(toldText('移至查验位 TERMINAL/SIMU8897102/2020-11-23T17:18:56Z')).toBe('移至查验位 TERMINAL/SIMU8897102/2020-11-24 01:18')
  expect(toldText('卸船 container:SIMU8897102')).toBe('卸船 SIMU8897102')
})

test('a sample is named by the kind of its file', () => {
  expect(fileKind('base.permit.permit.xlsx')).toBe('XLSX')
})

test('a text of which the server names the values is read by their names, in a list too', () => {
  const values = { warn: { zh: '提醒', en: 'Told only' } }
  expect(toField('severity', { type: 'string', 'x-kouan': { values } }, {}, true).options).toEqual([{ value: 'warn', title: values.warn }])
  const list = toField('agencies', { type: 'array', items: { type: 'string' }, 'x-kouan': { named: 'org' } }, {}, true)
  expect([list.kind, list.item?.named]).toEqual(['strings', 'org'])
})
