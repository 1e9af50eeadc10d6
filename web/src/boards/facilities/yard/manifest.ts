import type { Manifest } from '@/kernel/shell/routes'

const manifest: Manifest = {
  routes: [{ path: '/facilities/yard', alias: '/yard', component: () => import('./YardPage.vue') }],
}
export default manifest
