import { beforeEach, describe, expect, it } from 'vitest'
import { guessFormat } from '@/boards/base/intake/formats'
import { isRef, refLabel } from './card/ref'
import { locale } from './i18n'
import en from './i18n/en.json'
import zh from './i18n/zh.json'
import { absolute, instantToWall, relative, setPortZone, wallToInstant, zoneName } from './time/time'
import { handleOf, keepHandle, refOf } from './trace/address'

function leaves(node: object, prefix = ''): [string, string][] {
  return Object.entries(node).flatMap(([key, value]: [string, unknown]) =>
    typeof value === 'string' ? [[`${prefix}${key}`, value] as [string, string]] : leaves(value as object, `${prefix}${key}.`),
  )
}

describe('chrome texts', () => {
  it('stand in both languages with the same placeholders', () => {
    const other = new Map(leaves(en))
    expect([...other.keys()].sort()).toEqual(leaves(zh).map(([key]) => key).sort())
    for (const [key, text] of leaves(zh)) {
      const holes = (s: string | undefined) => s?.match(/\{\w+\}/g)?.sort() ?? []
      expect(holes(other.get(key)), key).toEqual(holes(text))
    }
  })
  it('do not mix the languages', () => {
    const own = /^unit\./
    for (const [key, text] of leaves(en)) if (!own.test(key)) expect(text, key).not.toMatch(/[\u4e00-\u9fff]/)
    for (const [key, text] of leaves(zh)) expect(text.replace(/\{\w+\}/g, ''), key).not.toMatch(/\b(the|of|and|your)\b/i)
  })
})

describe('times of the port', () => {
  beforeEach(() => {
    setPortZone('Asia/Shanghai')
    locale.value = 'en'
  })
  it('stand in its zone whatever the browser’s is', () => {
    expect(absolute('2026-11-22T02:05:09Z')).toBe('2026-11-22 10:05:09')
    expect(absolute('2026-11-22T16:00:00Z')).toBe('2026-11-23 00:00:00')
    expect(zoneName(new Date('2026-11-22T00:00:00Z'))).toContain('UTC+8')
  })
  it('go from the port’s wall clock to an instant and back', () => {
    expect(wallToInstant('2026-11-22T10:05:09')).toBe('2026-11-22T10:05:09+08:00')
    expect(instantToWall('2026-11-22T02:05:09Z')).toBe('2026-11-22T10:05:09')
    setPortZone('America/St_Johns')
    expect(wallToInstant('2026-11-22T10:05:09')).toBe('2026-11-22T10:05:09-03:30')
  })
  it('are relative in the language of the screen', () => {
    const from = Date.parse('2026-11-22T02:00:00Z')
    expect(relative('2026-11-22T01:57:00Z', from)).toBe('3 minutes ago')
    locale.value = 'zh'
    expect(relative('2026-11-22T04:00:00Z', from)).toBe('2小时后')
  })
})

describe('references', () => {
  it('are known by kind and read by number', () => {
    expect(isRef('container:MSKU9070323')).toBe(true)
    expect(isRef('10:30')).toBe(false)
    expect(isRef('note: nothing')).toBe(false)
    expect(refLabel('vessel:imo:9321483')).toBe('IMO 9321483')
    expect(refLabel('portcall:CNWHH/VESSEL:IMO:9321483/2611E')).toBe('CNWHH/IMO 9321483/2611E')
  })
  it('do not stand in the address of a trace', () => {
    const handle = keepHandle('container:MSKU9070323')
    expect(handle).toBe(handleOf('container:MSKU9070323'))
    expect(handle).not.toContain('MSKU')
    expect(refOf(handle)).toBe('container:MSKU9070323')
    expect(refOf('unknown')).toBeNull()
  })
})

describe('formats of an upload', () => {
  it('are known by their first bytes before their name', () => {
    expect(guessFormat('x.txt', "UNA:+.? 'UNB+UNOC:3")).toBe('edifact')
    expect(guessFormat('x.bin', '!AIVDM,1,1,,A,15M')).toBe('nmea')
    expect(guessFormat('dec.xml', '<md:MetaData xmlns="urn:wco:datamodel:WCO:DocumentMetaData-DMS:2">')).toBe('wco-dec')
    expect(guessFormat('bookings.CSV', 'a,b')).toBe('csv')
    expect(guessFormat('nothing', 'hello')).toBeNull()
  })
})
