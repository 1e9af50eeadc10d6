import { computed, watchEffect } from 'vue'
import { createI18n, useI18n } from 'vue-i18n'
import { pick, type AnyText, type Locale } from '../text/text'
import en from './en.json'
import zh from './zh.json'

const STORE = 'kouan.locale'

function firstLocale(): Locale {
  const kept = localStorage.getItem(STORE)
  if (kept === 'zh' || kept === 'en') return kept
  return navigator.language.toLowerCase().startsWith('en') ? 'en' : 'zh'
}

export const i18n = createI18n({
  legacy: false,
  locale: firstLocale(),
  fallbackLocale: 'zh',
  messages: { zh, en },
})

export const locale = computed<Locale>({
  get: () => i18n.global.locale.value as Locale,
  set: (value) => {
    i18n.global.locale.value = value
    localStorage.setItem(STORE, value)
  },
})

export const langTag = computed(() => (locale.value === 'zh' ? 'zh-CN' : 'en'))

watchEffect(() => {
  document.documentElement.lang = langTag.value
})

/** The language of the screen for a text of the API. */
export function loc(text: AnyText): string {
  return pick(text, locale.value)
}

/** `t` for chrome, `loc` for texts of the API. */
export function useText() {
  const { t } = useI18n()
  return { t: t as (key: string, values?: Record<string, unknown>) => string, loc, locale }
}

/** Chrome text outside components. */
export function chrome(key: string, values: Record<string, unknown> = {}): string {
  return i18n.global.t(key, values)
}
