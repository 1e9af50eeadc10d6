import { beforeEach, expect, test } from 'vitest'
import { i18n } from '../i18n'
import { faultWord } from './words'

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
