import type { Manifest } from '@/kernel/shell/routes'

const manifest: Manifest = {
  routes: [{ path: '/operations/berth', alias: '/berths', component: () => import('./BerthPage.vue') }],
}
export default manifest
