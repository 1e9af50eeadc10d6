import type { Item } from '@/kernel/api/types'

export const DEFINITION = 'operations.reports.definition'
export const REPORT = 'operations.reports.report'

export interface Head {
  title_zh: string; title_en: string; unit_zh: string; unit_en: string; digits: number; version: number | null; open: boolean; href: string
}
export interface Row {
  line: number; source: string; whose_zh: string; whose_en: string; part: string; part_zh: string; part_en: string
  value: number | null; cases: number; simulated: boolean
}
export interface ReportData {
  number: string; title_zh: string; title_en: string; since: string; until: string; made_at: string; cause: 'schedule' | 'demand'
  formats: string[]; heads: Head[]; rows: Row[]; simulated: boolean
}
export interface DefinitionData {
  code: string; title_zh: string; title_en: string; period: 'day' | 'week' | 'month'; scheduled: boolean; hour: number; recipients: string[]
}

export const dataOf = <T>(item: Item) => item.data as unknown as T
export const fileOf = (id: string, format: string, lang: string) => `/api/reports/${id}/file?format=${format}&lang=${lang}`
