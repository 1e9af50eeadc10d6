import type { Manifest } from '@/kernel/shell/routes'

const manifest: Manifest = {
  routes: [{ path: '/cooperation/link', component: () => import('./LinksPage.vue') }],
}
export default manifest
