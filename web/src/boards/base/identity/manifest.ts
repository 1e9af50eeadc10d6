import type { Manifest } from '@/kernel/shell/routes'

const manifest: Manifest = {
  routes: [
    { path: '/base/identity', component: () => import('./OwnPage.vue') },
    { path: '/base/identity/accounts', component: () => import('./AccountsPage.vue') },
    { path: '/base/identity/organisations', component: () => import('./OrganisationsPage.vue') },
    { path: '/base/identity/audit', component: () => import('./AuditPage.vue') },
  ],
}
export default manifest
