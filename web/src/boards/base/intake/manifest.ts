import type { Manifest } from '@/kernel/shell/routes'

const manifest: Manifest = {
  routes: [
    { path: '/base/intake', alias: ['/base/exchange', '/intake'], component: () => import('./IntakePage.vue') },
  ],
}
export default manifest
