/** A text that comes from the API in both languages, or already as one string. */
export interface Text {
  zh: string
  en: string
}
export type AnyText = Text | string | null | undefined

export type Locale = 'zh' | 'en'

/** The text in one language; the other language stands in only when the first is empty. */
export function pick(text: AnyText, locale: Locale): string {
  if (text === null || text === undefined) return ''
  if (typeof text === 'string') return text
  return text[locale] || text.zh || text.en || ''
}
