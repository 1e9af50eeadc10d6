import type { Manifest } from '@/kernel/shell/routes'

const manifest: Manifest = {
  routes: [
    { path: '/base/outbox', alias: '/outbox', component: () => import('./OutboxPage.vue') },
    { path: '/status', component: () => import('./StatusPage.vue'), meta: { open: true } },
  ],
}
export default manifest
