import { api } from '@/kernel/api/client'
import type { AlarmData, Evidence } from './alerts'

export type Trend = NonNullable<Evidence['trend']>
interface History {
  columns: { key: number[]; at: number[]; value: number[] }
}
const HOUR = 3_600_000
const AFTER = 600_000
const MINUTE = 60_000

/** What the device of a warning measured in the hour before it and shortly after; null where the warning names none, or it may not be read. */
export async function readingsOf(data: AlarmData): Promise<Trend | null> {
  const { device, metric } = data.evidence
  if (!device || typeof device !== 'string') return null
  const at = Date.parse(data.at)
  const query = {
    device: device.replace(/^device:/, ''), since: new Date(at - HOUR).toISOString(), until: new Date(Math.min(at + AFTER, Date.now())).toISOString(), every: 30,
    ...(metric && { metric }),
  }
  const found = await api.get<History>('/api/history', query).catch(() => null)
  return found ? trendOf(found) : null
}

/** Readings of one series as a line; null where there are several, which no one line shows. */
export function trendOf(found: History): Trend | null {
  const { key, at, value } = found.columns
  if (at.length < 2 || new Set(key).size > 1) return null
  const samples = at.map((moment, n): [string, number] => [new Date(moment / 1000).toISOString(), value[n] as number])
  const passed = ((at.at(-1) as number) - (at[0] as number)) / 1000 / MINUTE
  const perMin = passed > 0 ? ((value.at(-1) as number) - (value[0] as number)) / passed : 0
  return { per_min: Number(perMin.toFixed(3)), samples }
}
