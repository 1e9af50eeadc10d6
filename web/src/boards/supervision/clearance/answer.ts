import { api, idempotencyKey } from '@/kernel/api/client'
import type { Delivery } from '@/kernel/api/types'

export const RESPONSE = 'base.receipt.response'
export type Verdict = 'accepted' | 'rejected'

/** Files this agency's answer to a delivery; the officer's words stand in the language in which they were written. */
export async function answerDelivery(delivery: Delivery, code: Verdict, reference: string, reason: string): Promise<string> {
  const chinese = /\p{Script=Han}/u.test(reason)
  const body = {
    about: delivery.ref,
    code,
    at: new Date().toISOString(),
    reference,
    delivery: delivery.id,
    ...(reason ? (chinese ? { reason_zh: reason } : { reason_en: reason }) : {}),
  }
  const filed = await api.post<{ receipt: { id: string } }>(`/api/records/${RESPONSE.replaceAll('.', '/')}`, body, {
    'Idempotency-Key': idempotencyKey(),
  })
  return filed.receipt.id
}

/** An agency's own number where the officer types none. */
export function newReference(org: string): string {
  const day = new Date().toISOString().slice(2, 10).replaceAll('-', '')
  const tail = crypto.getRandomValues(new Uint16Array(1))[0] ?? 0
  return `${org.slice(0, 3).toUpperCase()}-${day}-${tail.toString(36).toUpperCase().padStart(4, '0')}`
}
