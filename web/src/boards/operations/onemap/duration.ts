import { chrome } from '@/kernel/i18n'

/** Seconds in a few words: 45 s, 3 min, 2 h. */
export function duration(seconds: number): string {
  if (seconds < 120) return chrome('map.seconds', { n: Math.round(seconds) })
  return seconds < 7_200 ? chrome('map.minutes', { n: Math.round(seconds / 60) }) : chrome('map.hours', { n: Math.round(seconds / 3_600) })
}
