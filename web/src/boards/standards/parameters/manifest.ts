import type { Manifest } from '@/kernel/shell/routes'

const manifest: Manifest = {
  routes: [{ path: '/standards/parameters/sets', alias: '/parameters', component: () => import('./SetsPage.vue') }],
}
export default manifest
