import type { Manifest } from '@/kernel/shell/routes'

const manifest: Manifest = {
  routes: [{ path: '/base/push', component: () => import('./PushPage.vue') }],
}
export default manifest
