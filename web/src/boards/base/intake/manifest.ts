import type { Manifest } from '@/kernel/shell/routes'

const manifest: Manifest = {
  routes: [
    { path: '/base/intake', component: () => import('./IntakePage.vue') },
    { path: '/base/exchange', redirect: '/base/intake' },
    { path: '/intake', redirect: (to) => ({ path: '/base/intake', query: to.query }) },
  ],
}
export default manifest
