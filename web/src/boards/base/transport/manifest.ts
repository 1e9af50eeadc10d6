import type { Manifest } from '@/kernel/shell/routes'

const manifest: Manifest = {
  routes: [{ path: '/base/shipments', alias: '/shipments', component: () => import('./ShipmentPage.vue') }],
}
export default manifest
