import { computed, ref } from 'vue'
import { api, Problem, setCsrf } from './api/client'
import type { DemoAccount, Me } from './api/types'

const ADMINS = new Set(['system-admin', 'security-admin', 'audit-admin'])
const me = ref<Me | null>(null)
const asked = ref(false)

function keep(answer: Me | null): void {
  me.value = answer
  setCsrf(answer?.csrf ?? '')
  asked.value = true
}

/** Asks the server who is signed in; null when nobody is. */
export async function loadSession(): Promise<Me | null> {
  try {
    keep(await api.get<Me>('/api/me'))
  } catch (error) {
    if (error instanceof Problem && error.status !== 401 && error.status !== 403) throw error
    keep(null)
  }
  return me.value
}

/** `newPassword` replaces a one-time password, which opens nothing by itself. */
export async function signIn(org: string, user: string, password: string, newPassword = ''): Promise<void> {
  await api.post('/api/session', { org, user, password, ...(newPassword && { new_password: newPassword }) })
  await loadSession()
}

export async function signInDemo(account: DemoAccount): Promise<void> {
  await api.post('/api/session/demo', { org: account.org, role: account.role, user: account.user })
  await loadSession()
}

export async function signOut(): Promise<void> {
  try {
    await api.del('/api/session')
  } finally {
    keep(null)
  }
}

/** Demo accounts, or an empty list where the server keeps none. */
export async function demoAccounts(): Promise<DemoAccount[]> {
  try {
    return await api.get<DemoAccount[]>('/api/session/demo')
  } catch {
    return []
  }
}

export function forgetSession(): void {
  keep(null)
}

export const session = {
  me,
  asked,
  signedIn: computed(() => me.value !== null),
  /** False for the three administrators, who see no business data. */
  business: computed(() => (me.value?.roles ?? []).some((role) => !ADMINS.has(role))),
  orgKind: computed(() => me.value?.org.kind ?? ''),
  has: (...roles: string[]) => roles.some((role) => me.value?.roles.includes(role)),
  /** Names this user's own things in the browser's storage. */
  owner: computed(() => (me.value ? `${me.value.org.slug}.${me.value.user.id}` : 'nobody')),
}
