import type { Manifest } from '@/kernel/shell/routes'

const manifest: Manifest = {
  routes: [{ path: '/base/erasure', component: () => import('./ErasurePage.vue') }],
}
export default manifest
