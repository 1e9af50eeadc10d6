import type { Manifest } from '@/kernel/shell/routes'

const manifest: Manifest = {
  routes: [{ path: '/services/hub', alias: '/hub', component: () => import('./HubPage.vue') }],
}
export default manifest
