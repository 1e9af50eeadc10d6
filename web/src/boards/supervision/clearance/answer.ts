import { api, idempotencyKey } from '@/kernel/api/client'
import type { Delivery } from '@/kernel/api/types'

export const RESPONSE = 'base.receipt.response'
export type Verdict = 'accepted' | 'rejected'

/** Files this agency's answer to a delivery and gives the receipt's number. */
export async function answerDelivery(delivery: Delivery, code: Verdict, reason: string): Promise<string> {
  const path = `/api/inbox/${encodeURIComponent(delivery.id)}/answer`
  const filed = await api.post<{ receipt: { id: string } }>(path, { code, reason: reason || null }, { 'Idempotency-Key': idempotencyKey() })
  return filed.receipt.id
}

/** Sends a delivery again now instead of at its next turn. */
export async function retryDelivery(delivery: Delivery): Promise<void> {
  await api.post(`/api/inbox/${encodeURIComponent(delivery.id)}/retry`)
}
